import Glibc

/// What is mounted where in this container, from /proc/self/mountinfo (proc_pid_mountinfo(5)).
package struct MountTable: Sendable {
    package struct Mount: Sendable, Hashable {
        package var path: String
        package var options: Set<String>
    }

    private let mounts: [Mount]

    package init(_ text: String) {
        mounts = text.split(separator: "\n").compactMap { line in
            // id parent device root path options … - type source superblock-options
            let fields = line.split(separator: " ")
            guard fields.count >= 6 else { return nil }
            return Mount(
                path: Self.unescaped(fields[4]), options: Set(fields[5].split(separator: ",").map(String.init)))
        }
    }

    package static func current() throws(ToolProblem) -> MountTable {
        let descriptor = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ToolProblem(errno, "read", "/proc/self/mountinfo") }
        let file = OpenFile(descriptor)
        var bytes: [UInt8] = []
        while true {
            let piece = try file.read(at: Int64(bytes.count), count: 1 << 16)
            guard !piece.isEmpty, bytes.count < 16 << 20 else { break }
            bytes += piece
        }
        return MountTable(String(decoding: bytes, as: UTF8.self))
    }

    /// The one that shows: the last at exactly this path.
    package func mount(at path: String) -> Mount? { mounts.last { $0.path == path } }

    /// `\040` and the like.
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        let bytes = Array(field.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let digits = bytes.dropFirst(index + 1).prefix(3)
            if bytes[index] == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) })
            {
                result.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 0x30) })
                index += 4
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
