import NetworkRules
import Testing

/// Random and mutated bytes: nothing traps, and what is taken is what it seems.
@Suite struct FuzzTests {
    @Test func targetsAndEntries() throws {
        var random = SystemRandomNumberGenerator()
        let seeds = [
            "example.com:443", "http://example.com:8080/a/b?c=d", "*.example.com:443,80 GET,POST /v1 /v2",
            "bücher.日本語.рф", "/v1/%61/b",
            "2001:db8::1:0:0:1", "::ffff:1.2.3.4", "xn--bcher-kva.example", "user:pass@[::1]:80",
        ].map { Array($0.utf8) }
        let spice = Array("\0\r\n\t @:/%?#[]\\.*-xn,;0179azAZ".utf8) + [0x80, 0xC3, 0xE2, 0xFF]
        for round in 0..<100_000 {
            var bytes = round % 5 == 0 ? [] : seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.insert(spice.randomElement(using: &random) ?? 0, at: place)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                case 2 where place < bytes.count: bytes.remove(at: place)
                default: bytes = Array(bytes.prefix(place)) + bytes.suffix(bytes.count / 2)
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let authority = try? Authority(reading: text) {
                // What was read is what a second reader finds in what is written of it.
                #expect(try Authority(reading: authority.description) == authority)
                #expect(IPAddress(authority.host.description) == nil)
            }
            if let target = try? AbsoluteTarget(reading: text) {
                #expect(target.path.utf8.first == UInt8(ascii: "/"))
                #expect(try AbsoluteTarget(reading: "http://\(target.authority)\(target.path)") == target)
            }
            if let entry = try? EgressEntry(line: text) {
                #expect(try EgressEntry(line: entry.description) == entry)
                #expect(try EgressEntry(members: entry.members) == entry)
            }
            if let address = IPAddress(text) {
                #expect(IPAddress(address.description) == address)
                _ = AddressRules.isPublic(address)
            }
            if let host = try? HostName(written: text) { #expect(HostName(host.description) == host) }
            _ = RequestPath(text)
            _ = HostName(ofURL: text)
        }
    }
}
