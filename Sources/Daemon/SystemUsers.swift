internal import Conversations
internal import Glibc

/// The operating system's users, by number and by name. Given to `People`, so that tests can have others.
///
/// `nil` is the system's word that there is no such user; where it cannot say, the look-up throws. Who was deleted is
/// signed out for good, and nobody is because the daemon has run out of descriptors.
package struct SystemUsers: Sendable {
    package let name: @Sendable (UInt32) throws -> String?
    package let number: @Sendable (String) throws -> UInt32?

    package init(
        name: @escaping @Sendable (UInt32) throws -> String?, number: @escaping @Sendable (String) throws -> UInt32?
    ) {
        self.name = name
        self.number = number
    }

    /// What the system's name service says. Blocks as long as that takes.
    package static let current = SystemUsers(
        name: { user in
            try name(of: user, own: geteuid()) { user in try entry { getpwuid_r(user, $0, $1, $2, $3) }?.name }
        },
        number: { name in try entry { getpwnam_r(name, $0, $1, $2, $3) }?.number })

    /// A source that fails, for want of descriptors say, is passed over without a word, and "not found" comes of it. So
    /// that is believed only where our own user is found at the same time.
    static func name(of user: UInt32, own: UInt32, _ find: (UInt32) throws -> String?) throws -> String? {
        if let name = try find(user) { return name }
        guard try find(own) != nil else { throw failure(EIO) }
        return nil
    }

    private typealias LookUp = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> CInt

    private static func entry(_ lookUp: LookUp) throws -> (name: String, number: UInt32)? {
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var result: UnsafeMutablePointer<passwd>?
        switch lookUp(&entry, &buffer, buffer.count, &result) {
        // getpwnam_r(3): these mean "not found" as well.
        case 0, ENOENT, ESRCH, EBADF, EPERM: break
        case let code: throw failure(code)
        }
        guard result != nil else { return nil }
        return (String(cString: entry.pw_name), entry.pw_uid)
    }

    private static func failure(_ code: CInt) -> ChatError {
        ChatError(
            .unavailable,
            "The system's users cannot be looked up (\(String(cString: strerror(code)))). Please try again in a moment."
        )
    }
}
