internal import Glibc

/// Mounts as a process sees them: /proc/<pid>/mountinfo, proc(5).
struct MountTable {
    struct Entry {
        let mountPoint: String
        let options: Set<Substring>
        /// Below others, in the order they were mounted.
        let index: Int
    }

    let entries: [Entry]

    init?(process: String) {
        guard let file = fopen("/proc/\(process)/mountinfo", "re") else { return nil }
        defer { fclose(file) }
        var entries: [Entry] = []
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0 {
            guard let line else { break }
            let fields = String(cString: line).split(separator: " ", maxSplits: 6)
            guard fields.count >= 6 else { continue }
            entries.append(
                Entry(
                    mountPoint: String(fields[4]), options: Set(fields[5].split(separator: ",")),
                    index: entries.count))
        }
        self.entries = entries
    }

    /// Everything mounted at or below `directory`, what was mounted last first.
    func below(_ directory: String) -> [Entry] {
        entries.filter { $0.mountPoint == directory || $0.mountPoint.hasPrefix(directory + "/") }
            .sorted { $0.index > $1.index }
    }
}
