internal import Glibc
internal import Settings

/// The root process that makes containers: whether it is there, and whose its socket is.
enum BrokerCheck {
    static func run(_ settings: Settings) async -> [Finding] {
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
        var findings = [await answer(path, group: GroupName.of(status.st_gid))]
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

    private static func answer(_ path: String, group: String) async -> Finding {
        switch connectFailure(path) {
        case 0:
            return Finding(.ok, "broker", "listens at \(path), for the group \(group)")
        case EACCES, EPERM:
            return Finding(.ok, "broker", "\(path) is for the group \(group) only, as it should be; not tried")
        default:
            return Finding(
                .fail, "broker", "nothing listens on \(path)",
                advice: "It was left behind by a broker that ended. Start one: `make run`.")
        }
    }

    /// The broker speaks in whole packets.
    private static func connectFailure(_ path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return SocketProbe.connect(descriptor, to: path) == 0 ? 0 : errno
    }
}
