import Glibc

/// All files below a folder, links not followed, within bounds that no tree can exceed.
struct DirectoryWalk {
    struct Entry {
        var path: [String]
        var isDirectory: Bool
    }

    var maximumEntries = 200_000
    var maximumDepth = 64
    /// Folders not gone into.
    var skipped: Set<String> = [".git"]
    private(set) var wasCutShort = false

    /// Calls `visit` for each entry; it returns false to stop.
    mutating func run(
        _ folder: OpenFile, cancellation: CancelSignal, visit: (Entry) -> Bool
    ) throws(ToolProblem) {
        // Each waits with the folder it is in and is opened when its turn comes, so that no more are open than the
        // tree is deep.
        var waiting: [(parent: OpenFile, path: [String])] = []
        var current = folder
        var path: [String] = []
        var count = 0
        while true {
            for (name, type) in Self.names(current) {
                count += 1
                guard !cancellation.isCancelled else { throw ToolProblem("The search was cancelled.") }
                let isDirectory = type == DT_DIR
                guard count <= maximumEntries, visit(Entry(path: path + [name], isDirectory: isDirectory)) else {
                    wasCutShort = true
                    return
                }
                guard isDirectory, !skipped.contains(name), path.count < maximumDepth else { continue }
                waiting.append((current, path + [name]))
            }
            repeat {
                guard let next = waiting.popLast(), let name = next.path.last else { return }
                path = next.path
                let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
                let descriptor = openat(next.parent.descriptor, name, flags)
                // Unreadable, or gone since: not part of what can be searched.
                guard descriptor >= 0 else { continue }
                current = OpenFile(descriptor)
                break
            } while true
        }
    }

    private static func names(_ folder: OpenFile) -> [(String, Int)] {
        let copy = openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            if copy >= 0 { close(copy) }
            return []
        }
        defer { closedir(stream) }
        var names: [(String, Int)] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var type = Int(entry.pointee.d_type)
            if type == DT_UNKNOWN {
                var status = stat()
                let isThere = fstatat(folder.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
                type = isThere && status.isDirectory ? Int(DT_DIR) : Int(DT_REG)
            }
            names.append((name, type))
        }
        return names.sorted { $0.0 < $1.0 }
    }
}
