internal import BrokerClient
internal import BrokerProtocol
internal import Glibc
package import Settings

/// The root process that makes containers: whether it is there, and whose its socket is.
package enum BrokerCheck {
    package static func run(_ settings: Settings) async -> [Finding] {
        guard !settings.broker.inProcess else { return inProcess(settings) }
        let path = settings.broker.socket
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == EACCES {
                return [
                    Finding(
                        .warn, "broker", "\(path) is in a directory you may not read",
                        advice: "Run `sudo bulkhead doctor`.")
                ]
            }
            return [
                Finding(
                    .fail, "broker", "does not run: there is no \(path)",
                    advice:
                        "Start it: `make run`, or `bulkhead-broker --config FILE` as root. Without a broker the daemon "
                        + "would have to run as root, and whoever breaks into it would be root.")
            ]
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            return [Finding(.fail, "broker", "\(path) is no socket", advice: "Remove it and start the broker again.")]
        }
        var findings = await answer(path, group: GroupName.of(status.st_gid))
        if let closed = closedDirectory(above: path, to: status.st_gid) {
            findings.append(
                Finding(
                    .fail, "broker",
                    "the group \(GroupName.of(status.st_gid)) cannot get through \(closed) to its socket",
                    advice: "`chmod 755 \(closed)`, or name another directory in the broker's configuration (run)."))
        }
        if status.st_mode & 0o007 != 0 {
            findings.append(
                Finding(
                    .fail, "broker", "everybody can use \(path)",
                    advice: "The socket makes containers: end the broker, remove the socket, start it again."))
        }
        if status.st_uid == 0, status.st_gid == 0 {
            findings.append(
                Finding(
                    .warn, "broker", "only root can use it: the daemon runs as root and is root-equivalent",
                    advice: "Run the daemon as a user of its own; `make run` does so."))
        }
        return findings
    }

    /// The first directory above `path` that keeps members of `group` from it.
    private static func closedDirectory(above path: String, to group: gid_t) -> String? {
        var directory = ""
        for part in path.split(separator: "/").dropLast() {
            directory += "/" + part
            var about = stat()
            guard stat(directory, &about) == 0 else { continue }
            let isTheirs = about.st_gid == group && about.st_mode & 0o010 != 0
            if about.st_mode & 0o001 == 0, !isTheirs { return directory }
        }
        return nil
    }

    private static func inProcess(_ settings: Settings) -> [Finding] {
        var findings = [
            Finding(
                .warn, "broker",
                "runs inside the daemon (broker.in_process): the harness is root-equivalent, and whoever breaks into it "
                    + "is root",
                advice:
                    "Run `bulkhead-broker` as root and the daemon as a user of its own, and set broker.in_process to "
                    + "false; `make run` does so.")
        ]
        let path = settings.broker.file
        var status = stat()
        let failure = lstat(path, &status) == 0 ? 0 : errno
        if failure != 0 {
            findings.append(
                Finding(
                    .fail, "broker", "its configuration \(path) cannot be read: \(String(cString: strerror(failure)))",
                    advice: "docs/operations.md says how to write one; broker.file names another place."))
        } else if status.st_uid != 0 || status.st_mode & 0o022 != 0 {
            findings.append(
                Finding(
                    .fail, "broker", "its configuration \(path) is not root's alone to write",
                    advice: "`chown root \(path); chmod 600 \(path)`, and read what is in it."))
        }
        return findings
    }

    private static func answer(_ path: String, group: String) async -> [Finding] {
        let description: BrokerDescription
        do {
            let client = try BrokerClient(path: path)
            defer { client.close() }
            description = try await client.hello()
        } catch {
            return [problem(error, path, connectFailure(path), group)]
        }
        return [
            Finding(.ok, "broker", "answers at \(path); its containers live in \(description.volumeRoot)"),
            engine(description), binding(description), owners(description),
        ]
    }

    private static func problem(_ error: BrokerError, _ path: String, _ connecting: Int32, _ group: String) -> Finding {
        switch connecting {
        case 0 where error.code == .disconnected:
            // It hangs up on everybody but the service user, root included.
            Finding(.ok, "broker", "listens at \(path), and speaks with the service user alone (group \(group))")
        case 0: Finding(.fail, "broker", error.message, advice: "The broker's log says more.")
        case EACCES, EPERM:
            Finding(.ok, "broker", "\(path) is for the group \(group) only, as it should be; not tried")
        default:
            Finding(
                .fail, "broker", "nothing listens on \(path)",
                advice: "It was left behind by a broker that ended. Start one: `make run`.")
        }
    }

    private static func engine(_ description: BrokerDescription) -> Finding {
        if let problem = description.problem { return Finding(.fail, "compartments", problem) }
        return Finding(
            .ok, "compartments", "can be made, with Docker Engine \(description.engine ?? "of unknown version")")
    }

    private static func binding(_ description: BrokerDescription) -> Finding {
        switch description.binding {
        case .late: Finding(.ok, "volumes", "reach running containers: tried with one")
        case .atCreation:
            Finding(
                .warn, "volumes",
                "do not reach running containers here, so workspaces start when first used, not before",
                advice: "Give the Docker Engine the host's mount namespace: no PrivateTmp or ProtectSystem in its unit."
            )
        }
    }

    private static func owners(_ description: BrokerDescription) -> Finding {
        guard !description.identityMapped else {
            return Finding(.ok, "file owners", "each workspace has an owner of its own")
        }
        return Finding(
            .warn, "file owners",
            "the file system of \(description.volumeRoot) cannot map owners: workspaces share one",
            advice: "Put it on ext4, xfs or btrfs.")
    }

    /// The broker speaks in whole packets.
    private static func connectFailure(_ path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return SocketProbe.connect(descriptor, to: path) == 0 ? 0 : errno
    }
}
