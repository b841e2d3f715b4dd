/// Which addresses are the public internet's, and what the others are. A sandbox reaches only the former: everything else
/// is this machine, its network, the platform below it, or another way of writing one of those.
package enum AddressRules {
    /// What the address is where it is not public (`loopback`, `private`, …); `nil` where it is.
    package static func whyNotPublic(_ address: IPAddress) -> String? {
        guard address.isVersion6 else {
            return version4.first { $0.contains(address.bytes) }?.what
        }
        if let special = version6.first(where: { $0.contains(address.bytes) }) { return special.what }
        // Only this eighth of the space is given out at all.
        guard address.bytes[0] & 0xE0 == 0x20 else { return "reserved" }
        // ISATAP: an IPv4 address at the end, reached through a tunnel.
        let identifier = address.bytes[8..<12]
        if identifier.elementsEqual([0, 0, 0x5E, 0xFE]) || identifier.elementsEqual([2, 0, 0x5E, 0xFE]) {
            return "a tunnel to IPv4 (ISATAP)"
        }
        return nil
    }

    package static func isPublic(_ address: IPAddress) -> Bool { whyNotPublic(address) == nil }

    struct Range {
        var prefix: [UInt8]
        var bits: Int
        var what: String

        func contains(_ bytes: [UInt8]) -> Bool {
            var left = bits
            for (mine, theirs) in zip(prefix, bytes) {
                guard left > 0 else { return true }
                let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
                guard mine & mask == theirs & mask else { return false }
                left -= 8
            }
            return true
        }
    }

    private static func range(_ text: String, _ bits: Int, _ what: String) -> Range {
        // A misspelt line would be an open range: one that matches everything shows at once.
        guard let address = IPAddress(text) else { return Range(prefix: [], bits: 0, what: "unreadable: \(text)") }
        return Range(prefix: address.bytes, bits: bits, what: what)
    }

    /// After the IANA special-purpose registry, and what platforms answer at.
    private static let version4: [Range] = [
        range("0.0.0.0", 8, "this network"), range("10.0.0.0", 8, "private"),
        range("100.64.0.0", 10, "shared by a carrier (CGNAT)"), range("127.0.0.0", 8, "loopback"),
        range("168.63.129.16", 32, "a cloud platform's metadata"),
        range("169.254.0.0", 16, "link-local, where cloud metadata is"), range("172.16.0.0", 12, "private"),
        range("192.0.0.0", 24, "reserved for protocols"), range("192.0.2.0", 24, "for documentation"),
        range("192.31.196.0", 24, "reserved (AS112)"), range("192.52.193.0", 24, "reserved (AMT)"),
        range("192.88.99.0", 24, "a tunnel (6to4 relay)"), range("192.168.0.0", 16, "private"),
        range("192.175.48.0", 24, "reserved (AS112)"), range("198.18.0.0", 15, "for benchmarking"),
        range("198.51.100.0", 24, "for documentation"), range("203.0.113.0", 24, "for documentation"),
        range("224.0.0.0", 4, "multicast"), range("255.255.255.255", 32, "broadcast"),
        range("240.0.0.0", 4, "reserved"),
    ]

    private static let version6: [Range] = [
        range("::", 128, "unspecified"), range("::1", 128, "loopback"),
        range("::ffff:0:0", 96, "IPv4 in IPv6 (mapped)"), range("::ffff:0:0:0", 96, "IPv4 in IPv6 (translated)"),
        range("::", 96, "IPv4 in IPv6 (compatible)"), range("64:ff9b::", 96, "IPv4 behind NAT64"),
        range("64:ff9b:1::", 48, "IPv4 behind a local NAT64"), range("100::", 64, "discarded"),
        range("100:0:0:1::", 64, "reserved"), range("2001::", 32, "a tunnel (Teredo)"),
        range("2001:2::", 48, "for benchmarking"), range("2001:10::", 28, "reserved (ORCHID)"),
        range("2001:20::", 28, "reserved (ORCHID)"), range("2001::", 23, "reserved for protocols"),
        range("2001:db8::", 32, "for documentation"), range("2002::", 16, "a tunnel (6to4)"),
        range("2620:4f:8000::", 48, "reserved (AS112)"), range("3ffe::", 16, "reserved (6bone)"),
        range("3fff::", 20, "for documentation"), range("5f00::", 16, "reserved (segment routing)"),
        range("fc00::", 7, "private (unique local)"), range("fe80::", 10, "link-local"),
        range("fec0::", 10, "private (site-local)"), range("ff00::", 8, "multicast"),
    ]
}
