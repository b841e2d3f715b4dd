import CLinux
package import Glibc

/// The tree that file tools work in. Paths are absolute below its root or relative to `thread`. Every file is reached by
/// one openat2 below the root's descriptor, so that what was checked is what is opened.
package final class Workspace: Sendable {
    /// As people and the model write it: `/workspace`.
    package let root: String
    package static let home = "thread"
    private let directory: OpenFile

    package init(root: String) throws(ToolProblem) {
        let descriptor = Glibc.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ToolProblem(errno, "open", root) }
        self.root = root
        directory = OpenFile(descriptor)
    }

    /// A workspace of which only the name is known: for saying what the tools are where they do not run. Opens nothing.
    package init(unopened root: String) {
        self.root = root
        directory = OpenFile(-1)
    }

    package var homePath: String { "\(root)/\(Self.home)" }

    /// The path below the root; `.` for the root itself. Kept as it was written: the kernel follows `..` and links.
    package func relative(_ path: String) throws(ToolProblem) -> String {
        guard !path.isEmpty else { throw ToolProblem("The path is empty. Give one below \(root).") }
        guard !path.utf8.contains(0) else { throw ToolProblem("A path cannot have a NUL character in it.") }
        guard path.utf8.count < 4096 else { throw ToolProblem("The path is longer than 4095 bytes.") }
        guard path.utf8.first == UInt8(ascii: "/") else { return "\(Self.home)/\(path)" }
        if path == root { return "." }
        guard path.utf8.starts(with: (root + "/").utf8) else {
            throw ToolProblem(
                "\(path) is outside the workspace. Paths start with \(root)/ or are relative to \(homePath).")
        }
        let rest = path.utf8.dropFirst(root.utf8.count).drop { $0 == UInt8(ascii: "/") }
        return rest.isEmpty ? "." : String(rest) ?? "."
    }

    package func open(_ path: String, _ action: String, flags: CInt, mode: UInt64 = 0) throws(ToolProblem) -> OpenFile {
        let descriptor = clinux_open_beneath(
            directory.descriptor, try relative(path), UInt64(truncatingIfNeeded: flags | O_NOCTTY), mode)
        guard descriptor >= 0 else { throw ToolProblem(errno, action, path) }
        return OpenFile(descriptor)
    }

    /// A regular file for reading. Pipes, sockets and devices neither block nor are read.
    package func openFile(_ path: String, _ action: String = "read") throws(ToolProblem) -> (
        file: OpenFile, status: stat
    ) {
        let file = try open(path, action, flags: O_RDONLY | O_NONBLOCK)
        let status = try file.status()
        if status.isDirectory {
            throw ToolProblem("\(path) is a folder. Use glob to list files, or bash with ls.")
        }
        guard status.isRegular else { throw ToolProblem("\(path) is \(status.kind), not a file, and is not read.") }
        return (file, status)
    }

    /// `nil` where there is none.
    package func openFileIfThere(_ path: String, _ action: String) throws(ToolProblem) -> (
        file: OpenFile, status: stat
    )? {
        if try status(of: path) == nil, errno == ENOENT { return nil }
        return try openFile(path, action)
    }

    /// Whatever it is, without opening it; `nil`, with `errno` set, where it cannot be reached.
    func status(of path: String) throws(ToolProblem) -> stat? {
        let found = clinux_open_beneath(directory.descriptor, try relative(path), Self.pathOnly, 0)
        return found < 0 ? nil : try OpenFile(found).status()
    }

    /// O_PATH, which glibc's module leaves out.
    private static let pathOnly: UInt64 = 0o10000000

    /// The path as written from the root on: one name for `notes.txt` and `/workspace/thread/notes.txt`.
    package func absolute(_ path: String) throws(ToolProblem) -> String {
        let names = try relative(path).split(separator: "/").filter { $0 != "." }
        return ([root] + names.map(String.init)).joined(separator: "/")
    }

    /// Throws where the file is not as the host expects it; passes where it expects nothing.
    func require(_ expected: [String: String?]?, of path: String) throws(ToolProblem) {
        guard let expected else { return }
        let path = try absolute(path)
        guard let (file, _) = try openFileIfThere(path, "look at") else {
            return try Expectation.require([BoundFile(path: path, digest: nil, bytes: 0)], as: expected)
        }
        guard let (digest, bytes) = try BoundFile.digest(of: file, limit: BoundFile.maximumBytes) else {
            throw Expectation.changed(path)
        }
        try Expectation.require([BoundFile(path: path, digest: digest, bytes: bytes)], as: expected)
    }

    package func openDirectory(_ path: String, _ action: String) throws(ToolProblem) -> OpenFile {
        try open(path, action, flags: O_RDONLY | O_DIRECTORY)
    }

    /// The folder that `path` is in, made where it does not exist, and the last name of `path`.
    package func openParent(_ path: String, _ action: String) throws(ToolProblem) -> (folder: OpenFile, name: String) {
        var names = try relative(path).split(separator: "/").map(String.init).filter { $0 != "." }
        guard let name = names.popLast(), name != "..", path.utf8.last != UInt8(ascii: "/") else {
            throw ToolProblem("\(path) is a folder. Give the path of a file.")
        }
        guard name.utf8.count <= 255 else { throw ToolProblem(ENAMETOOLONG, action, path) }
        let flags = UInt64(O_RDONLY | O_DIRECTORY)
        var current = OpenFile(clinux_open_beneath(directory.descriptor, ".", flags, 0))
        for count in names.indices {
            let prefix = names[...count].joined(separator: "/")
            var next = clinux_open_beneath(directory.descriptor, prefix, flags, 0)
            if next < 0, errno == ENOENT {
                guard mkdirat(current.descriptor, names[count], 0o755) == 0 || errno == EEXIST else {
                    throw ToolProblem(errno, "make the folder of", path)
                }
                next = clinux_open_beneath(directory.descriptor, prefix, flags, 0)
            }
            guard next >= 0 else { throw ToolProblem(errno, action, path) }
            current = OpenFile(next)
        }
        return (current, name)
    }
}
