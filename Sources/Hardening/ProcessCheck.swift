internal import Glibc
internal import Settings

/// Who the daemon and the broker run as, asked of the kernel.
struct ProcessCheck {
    let settings: Settings
    let broker: InstalledBroker?

    func run(_ facts: inout HostFacts) -> [Drift] {
        var found: [Drift] = []
        if let daemon = PeerProcess.at(settings.consoleSocket) {
            facts[.process, "daemon"] = SystemNames.user(daemon.uid)
            let capabilities = daemon.status("CapEff") ?? ""
            facts[.process, "daemon's capabilities"] = capabilities
            if daemon.uid == 0, !settings.broker.inProcess {
                found.append(
                    Drift(
                        .fail, "daemon", "runs as root: whoever breaks into it is root", expected: "a user of its own",
                        found: "root", advice: "Start it as the service user; `make run` and the systemd unit do so."))
            } else if daemon.uid != 0, !capabilities.allSatisfy({ $0 == "0" }) {
                found.append(
                    Drift(
                        .fail, "daemon", "has capabilities of root", expected: "none", found: capabilities,
                        advice: "Start it without (AmbientCapabilities, file capabilities on the program)."))
            }
            if let service = broker?.serviceUID, service != daemon.uid {
                found.append(
                    Drift(
                        .fail, "daemon", "runs as another user than the broker was told",
                        expected: SystemNames.user(service),
                        found: SystemNames.user(daemon.uid), advice: "Start it as \(SystemNames.user(service))."))
            }
        }
        if let process = PeerProcess.at(settings.broker.socket, type: CInt(SOCK_SEQPACKET.rawValue)) {
            facts[.process, "broker"] = SystemNames.user(process.uid)
            if process.uid != 0 {
                found.append(
                    Drift(
                        .fail, "broker", "somebody who is not root answers at its socket", expected: "root",
                        found: SystemNames.user(process.uid),
                        advice: "End process \(process.pid), and find out what it is."))
            }
        }
        return found
    }
}
