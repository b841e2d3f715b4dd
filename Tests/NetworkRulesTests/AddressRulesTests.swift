import NetworkRules
import Testing

@Suite struct AddressRulesTests {
    /// Each range at its first and its last address, and what lies just outside where that is public.
    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "100.100.100.200",
        "127.0.0.0", "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254",
        "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.0.255", "192.0.2.0",
        "192.0.2.255", "192.31.196.1", "192.52.193.1", "192.88.99.0", "192.88.99.255", "192.168.0.0",
        "192.168.255.255", "192.175.48.1", "198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255",
        "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.254",
        "255.255.255.255",
    ])
    func whatIsNotPublicOfVersion4(_ text: String) throws {
        #expect(AddressRules.whyNotPublic(try #require(IPAddress(text))) != nil)
    }

    @Test(arguments: [
        "1.0.0.0", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0",
        "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0",
        "203.0.112.255", "203.0.114.0", "223.255.255.255",
    ])
    func whatIsPublicOfVersion4(_ text: String) throws {
        #expect(AddressRules.whyNotPublic(try #require(IPAddress(text))) == nil)
    }

    @Test(arguments: [
        "::", "::1", "::2", "::7f00:1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "::ffff:0:8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
        "64:ff9b:2::1", "100::1", "100:0:0:1::1", "200::1", "400::1", "1fff:ffff::1", "2001::1", "2001:0:4136:e378::1",
        "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1", "2001:1f:ffff::1", "2001:20::1",
        "2001:2f::1", "2001:1ff:ffff::1", "2001:db8::1", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::1",
        "2002:7f00:1::1", "2002:808:808::1", "2620:4f:8000::1", "2a00:1450::5efe:8.8.8.8", "2a00:1450::200:5efe:7f00:1",
        "3ffe::1", "3fff::1", "3fff:fff:ffff::1", "4000::1", "5f00::1", "8000::1", "c000::1", "fc00::1", "fd00::1",
        "fd00:ec2::254", "fd20:ce::254", "fdff:ffff::1", "fe00::1", "fe80::1", "febf:ffff::1", "fec0::1",
        "feff:ffff::1", "ff00::1", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ])
    func whatIsNotPublicOfVersion6(_ text: String) throws {
        #expect(AddressRules.whyNotPublic(try #require(IPAddress(text))) != nil)
    }

    @Test(arguments: [
        "2000::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1111",
        "2620:4f:7fff::1", "2a00:1450:4001::200e", "3ffd::1", "3fff:1000::1",
    ])
    func whatIsPublicOfVersion6(_ text: String) throws {
        #expect(AddressRules.whyNotPublic(try #require(IPAddress(text))) == nil)
    }

    @Test func saysWhatAnAddressIs() throws {
        #expect(AddressRules.whyNotPublic(IPAddress(127, 0, 0, 1)) == "loopback")
        #expect(AddressRules.whyNotPublic(IPAddress(255, 255, 255, 255)) == "broadcast")
        #expect(AddressRules.whyNotPublic(IPAddress(169, 254, 169, 254))?.contains("metadata") == true)
        #expect(AddressRules.whyNotPublic(try #require(IPAddress("::ffff:10.0.0.1")))?.contains("mapped") == true)
        #expect(AddressRules.whyNotPublic(try #require(IPAddress("64:ff9b::a00:1")))?.contains("NAT64") == true)
    }
}
