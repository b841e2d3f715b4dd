import NetworkRules
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("1.2.3.4", "1.2.3.4"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
        ("::1", "::1"), ("1::", "1::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("::ffff:1.2.3.4", "::ffff:102:304"), ("1::2:3", "1::2:3"),
    ])
    func readsWhatIsPlain(_ text: String, _ shown: String) throws {
        #expect(try #require(IPAddress(text)).description == shown)
        #expect(IPAddress(shown) == IPAddress(text))
    }

    @Test(arguments: [
        "", ".", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4",
        "+1.2.3.4",
        "1..2.3", "2130706433", "127.1", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8:9",
        "::12345", "::g", "fe80::1%eth0", "[::1]", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "1:",
        ":1",
        "::+1",
    ])
    func refusesOtherSpellings(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func takesFourBytesOrSixteen() {
        #expect(IPAddress(bytes: [1, 2, 3, 4]) == IPAddress(1, 2, 3, 4))
        #expect(IPAddress(bytes: []) == nil && IPAddress(bytes: [1, 2, 3, 4, 5]) == nil)
    }
}
