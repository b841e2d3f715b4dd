internal import Glibc
internal import Settings

/// The data directory and the room there is.
enum DataCheck {
    private static let failBelow: Int64 = 512 << 20
    private static let warnBelow: Int64 = 4 << 30

    static func run(_ settings: Settings, isConfigured: Bool) -> [Finding] {
        let path = settings.data.directory
        guard isConfigured else { return [space("disk", DaemonLocation.currentDirectory())] }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
            if errno == EACCES {
                return [
                    Finding(
                        .warn, "data", "\(path) is in a directory you may not read",
                        advice: "Run `sudo bulkhead doctor`.")
                ]
            }
            return [
                Finding(.warn, "data", "\(path) is not there yet; the first start makes it"), space("disk", parent),
            ]
        }
        return [directory(path, status), space("disk", path)] + volumes(settings)
    }

    static func directory(_ path: String, _ status: stat) -> Finding {
        let owner = UserName.of(status.st_uid)
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return Finding(
                .fail, "data", "\(path) is no directory", advice: "Move it away; the daemon makes a new one.")
        }
        if status.st_mode & 0o077 != 0 {
            return Finding(
                .fail, "data", "\(path) can be read by others than \(owner)",
                advice: "Everything people said is in it: `chmod 700 \(path)`.")
        }
        if status.st_uid == 0 {
            return Finding(
                .warn, "data", "\(path) belongs to root, so the daemon runs as root",
                advice: "Run the daemon as a user of its own; `make run` does so.")
        }
        return Finding(.ok, "data", "\(path), \(owner)'s alone")
    }

    private static func volumes(_ settings: Settings) -> [Finding] {
        guard let slash = settings.data.directory.lastIndex(of: "/") else { return [] }
        let path = String(settings.data.directory[..<slash] + "/volumes")
        guard access(path, F_OK) == 0 else { return [] }
        return [room(path, beside: settings.data.directory)] + use(path)
    }

    /// Whose the most of it is. They share one bound, so who fills it fills it for all.
    static func use(_ path: String) -> [Finding] {
        // Others than root cannot look into them.
        guard geteuid() == 0 else { return [] }
        let largest = VolumeUse.all(below: path).prefix(5).filter { $0.bytes >= 1 << 20 }
        guard !largest.isEmpty else { return [] }
        let list = largest.map { use in
            "\(use.name) \(use.isPartial ? "at least " : "")\(EntryText.size(use.bytes)) in \(use.files) files"
        }
        return [Finding(.ok, "volumes", "the largest: " + list.joined(separator: "; "))]
    }

    /// The room sandboxes can fill: bytes and files, and whether what they fill is the database's disk.
    static func room(_ path: String, beside data: String) -> Finding {
        var status = statvfs()
        var here = stat()
        var there = stat()
        guard statvfs(path, &status) == 0, stat(path, &here) == 0, stat(data, &there) == 0 else {
            return Finding(.warn, "volumes", "\(path) cannot be looked at: \(String(cString: strerror(errno)))")
        }
        guard here.st_dev != there.st_dev else {
            let found = space("volumes", path)
            return Finding(
                found.state == .fail ? .fail : .warn, "volumes",
                "\(found.fact), on the disk the database is on: a sandbox can fill it for both",
                advice: "Give them a filesystem of their own (docs/operations.md, Volumes).")
        }
        let (free, overflow) = Int64(clamping: status.f_bavail).multipliedReportingOverflow(
            by: Int64(clamping: status.f_frsize))
        let isTight =
            status.f_bavail < status.f_blocks / 20 || status.f_files > 0 && status.f_favail < status.f_files / 20
        let fact =
            "\(EntryText.size(overflow ? .max : free)) and \(status.f_favail) files free, on a filesystem of their own at \(path)"
        return Finding(
            isTight ? .warn : .ok, "volumes", fact,
            advice: isTight
                ? "Have people delete files (`sudo bulkhead doctor` names the largest volumes, `bulkhead people` and "
                    + "`bulkhead channels` say whose they are), or raise containers.volumes_size and start again." : "")
    }

    static func space(_ subject: String, _ path: String) -> Finding {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            return Finding(.warn, subject, "free room at \(path) is unknown: \(String(cString: strerror(errno)))")
        }
        let (free, overflow) = Int64(clamping: status.f_bavail).multipliedReportingOverflow(
            by: Int64(clamping: status.f_frsize))
        let fact = "\(EntryText.size(overflow ? .max : free)) free at \(path)"
        if !overflow, free < failBelow {
            return Finding(.fail, subject, fact, advice: "Messages will be refused soon: make room.")
        }
        if !overflow, free < warnBelow { return Finding(.warn, subject, fact, advice: "Make room before it runs out.") }
        return Finding(.ok, subject, fact)
    }
}
