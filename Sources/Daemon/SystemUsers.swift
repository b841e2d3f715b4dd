internal import Glibc

/// The operating system's users, by number and by name. Given to `People`, so that tests can have others.
package struct SystemUsers: Sendable {
    package let name: @Sendable (UInt32) -> String?
    package let number: @Sendable (String) -> UInt32?

    package init(
        name: @escaping @Sendable (UInt32) -> String?, number: @escaping @Sendable (String) -> UInt32?
    ) {
        self.name = name
        self.number = number
    }

    /// What the system's name service says. Blocks as long as that takes.
    package static let current = SystemUsers(
        name: { user in
            var entry = passwd()
            var buffer = [CChar](repeating: 0, count: 16 << 10)
            var result: UnsafeMutablePointer<passwd>?
            guard getpwuid_r(user, &entry, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
            return String(cString: entry.pw_name)
        },
        number: { name in
            var entry = passwd()
            var buffer = [CChar](repeating: 0, count: 16 << 10)
            var result: UnsafeMutablePointer<passwd>?
            guard getpwnam_r(name, &entry, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
            return entry.pw_uid
        })
}
