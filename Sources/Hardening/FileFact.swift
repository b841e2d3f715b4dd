internal import Crypto
internal import Glibc
internal import Model

/// A file's kind, mode and owner, in one line; and what is in it. Links are looked at, never followed.
struct FileFact: Sendable, Hashable {
    let path: String
    let kind: String
    let mode: mode_t
    let uid: uid_t
    let gid: gid_t
    /// When something about it was last changed.
    let changed: String

    /// `nil` where there is none; what cannot be looked at is none either, and no good sign.
    init?(_ path: String) {
        var about = stat()
        guard lstat(path, &about) == 0 else { return nil }
        self.path = path
        mode = about.st_mode & 0o7777
        uid = about.st_uid
        gid = about.st_gid
        kind =
            switch about.st_mode & S_IFMT {
            case S_IFREG: "file"
            case S_IFDIR: "directory"
            case S_IFSOCK: "socket"
            case S_IFLNK: "link"
            default: "special file"
            }
        changed = Timestamp(milliseconds: Int64(about.st_ctim.tv_sec) * 1000).rfc3339
    }

    /// `0600 root:root file`.
    var words: String { "\(octalMode) \(owner) \(kind)" }

    var octalMode: String { Self.octal(mode) }

    static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    var owner: String { "\(SystemNames.user(uid)):\(SystemNames.group(gid))" }

    /// SHA-256 of an ordinary file, read in pieces; `nil` where it cannot be read.
    static func digest(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0, about.st_mode & S_IFMT == S_IFREG else { return nil }
        var hash = SHA256()
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            chunk.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        return hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

/// Names of users and groups, or their numbers.
enum SystemNames {
    static func user(_ id: uid_t) -> String {
        var record = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(id, &record, &buffer, buffer.count, &result) == 0, result != nil else { return String(id) }
        return String(cString: record.pw_name)
    }

    static func group(_ id: gid_t) -> String {
        var record = Glibc.group()
        var result: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        guard getgrgid_r(id, &record, &buffer, buffer.count, &result) == 0, result != nil else { return String(id) }
        return String(cString: record.gr_name)
    }

    /// Everybody in the group, by name: listed in it, or having it as their own.
    static func members(of id: gid_t) -> [String] {
        var names: Set<String> = []
        var record = Glibc.group()
        var result: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        if getgrgid_r(id, &record, &buffer, buffer.count, &result) == 0, result != nil {
            var member = record.gr_mem
            while let name = member?.pointee {
                names.insert(String(cString: name))
                member = member?.advanced(by: 1)
            }
        }
        for line in SystemFile.text("/etc/passwd").split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 3, gid_t(fields[3]) == id { names.insert(String(fields[0])) }
        }
        return names.sorted()
    }
}

enum SystemFile {
    /// At most the first 4 MiB; empty where it cannot be read.
    static func text(_ path: String) -> String {
        String(decoding: bytes(path) ?? [], as: UTF8.self)
    }

    static func bytes(_ path: String, upTo limit: Int = 4 << 20) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < limit {
            let count = read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    static func names(in directory: String, limit: Int = 1000) -> [String] {
        guard let handle = opendir(directory) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
