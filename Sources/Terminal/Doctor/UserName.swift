internal import Glibc

enum UserName {
    /// `uid 1234` where the system knows no name.
    static func of(_ id: uid_t) -> String {
        var record = passwd()
        var result: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(id, &record, &buffer, buffer.count, &result) == 0, result != nil else { return "uid \(id)" }
        return String(cString: record.pw_name)
    }
}
