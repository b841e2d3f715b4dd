internal import Glibc
internal import Settings

/// The root process that makes containers: whether it is there, and whose its socket is.
enum BrokerCheck {
    static func run(_ settings: Settings) -> [Finding] {
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
        let owner = UserName.of(status.st_uid)
        var findings: [Finding] = []
        switch connectFailure(path) {
        case 0: findings.append(Finding(.ok, "broker", "answers at \(path), which \(owner) owns"))
        case EACCES, EPERM:
            findings.append(
                Finding(.ok, "broker", "\(path) is open to \(owner) only, as it should be; not tried", advice: ""))
        default:
            findings.append(
                Finding(
                    .fail, "broker", "nothing listens on \(path)",
                    advice: "It was left behind by a broker that ended. Start one: `make run`."))
        }
        if status.st_mode & 0o077 != 0 {
            findings.append(
                Finding(
                    .fail, "broker", "others than \(owner) can use \(path)",
                    advice: "The socket makes containers: end the broker, remove the socket, start it again."))
        }
        if status.st_uid == 0 {
            findings.append(
                Finding(
                    .warn, "broker", "its socket is root's: the daemon runs as root and is root-equivalent",
                    advice: "Run the daemon as a user of its own; `make run` does so."))
        }
        return findings
    }

    /// The broker speaks in whole packets.
    private static func connectFailure(_ path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return SocketProbe.connect(descriptor, to: path) == 0 ? 0 : errno
    }
}
