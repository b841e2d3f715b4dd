import Glibc

/// The files a command names, by content: each existing regular file below the workspace that one of its words is the path
/// of, seen from where the command starts or from a folder it names (`cd folder && ./script`).
struct CommandFiles {
    private static let maximumFiles = 64
    private static let maximumFolders = 16

    private(set) var files: [BoundFile] = []
    /// What the command names and nobody is held to, with the reason.
    private(set) var unbound: [(path: String, why: String)] = []

    private let workspace: Workspace
    private var folders: [String]
    private var seen: Set<String> = []
    private var left = BoundFile.maximumBytes

    init(of command: String, in directory: String, workspace: Workspace) {
        self.workspace = workspace
        folders = [directory]
        let words = CommandWords(command)
        var index = 0
        while index < folders.count {
            for word in words.words {
                let isAbsolute = word.hasPrefix("/")
                if word.hasPrefix("~/") {
                    if index == 0 { look(at: "\(workspace.root)/session/\(word.dropFirst(2))") }
                } else if !isAbsolute || index == 0 {
                    look(at: isAbsolute ? word : folders[index] + "/" + word)
                }
            }
            index += 1
        }
        for word in words.workedOut.prefix(8) { unbound.append((word, "the shell works out what it stands for")) }
        if words.workedOut.count > 8 { unbound.append(("…", "\(words.workedOut.count - 8) more such words")) }
        if !words.isComplete { unbound.append(("…", "the command has more words than are looked at")) }
        files.sort { $0.path < $1.path }
    }

    private mutating func look(at written: String) {
        let path = "/" + written.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        guard path.utf8.count < 4096, seen.insert(path).inserted else { return }
        guard path.hasPrefix(workspace.root + "/") else { return lookOutside(path) }
        guard let status = try? workspace.status(of: path) else {
            if errno == EXDEV { unbound.append((path, "a link leads out of \(workspace.root)")) }
            return
        }
        if status.isDirectory {
            if folders.count < Self.maximumFolders, !folders.contains(path) { folders.append(path) }
            return
        }
        guard status.isRegular else { return unbound.append((path, "it is \(status.kind)")) }
        guard files.count < Self.maximumFiles else {
            if files.count == Self.maximumFiles, !unbound.contains(where: { $0.path == "…" }) {
                unbound.append(("…", "the command names more than \(Self.maximumFiles) files"))
            }
            return
        }
        do throws(ToolProblem) {
            let (file, _) = try workspace.openFile(path)
            guard let (digest, bytes) = try BoundFile.digest(of: file, limit: left) else {
                return unbound.append((path, "too large"))
            }
            left -= bytes
            files.append(BoundFile(path: path, digest: digest, bytes: bytes))
        } catch {
            unbound.append((path, "it cannot be read"))
        }
    }

    /// The image is read-only; what lies elsewhere outside could be the session's own doing.
    private mutating func lookOutside(_ path: String) {
        var status = stat()
        var system = statvfs()
        guard stat(path, &status) == 0, status.isRegular, statvfs(path, &system) == 0,
            system.f_flag & UInt(ST_RDONLY) == 0
        else { return }
        unbound.append((path, "outside \(workspace.root)"))
    }
}
