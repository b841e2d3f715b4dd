internal import Glibc
internal import NetworkRules

/// The addresses of this machine's own interfaces. A public one is no way out: what is dialled there arrives through
/// loopback, past the firewall that shields this machine from outside.
enum LocalAddresses {
    /// Asked anew each time, as interfaces come and go. Where they cannot be listed, every address may be our own.
    static func contains(_ address: IPAddress) -> Bool {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return true }
        defer { freeifaddrs(list) }
        var entry = list
        while let current = entry {
            if IPAddress(socketAddress: current.pointee.ifa_addr) == address { return true }
            entry = current.pointee.ifa_next
        }
        return false
    }
}
