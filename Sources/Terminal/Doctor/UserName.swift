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

enum GroupName {
    /// `gid 1234` where the system knows no name.
    static func of(_ id: gid_t) -> String {
        var record = group()
        var result: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        guard getgrgid_r(id, &record, &buffer, buffer.count, &result) == 0, result != nil else { return "gid \(id)" }
        return String(cString: record.gr_name)
    }
}
