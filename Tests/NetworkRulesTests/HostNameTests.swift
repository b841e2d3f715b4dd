import NetworkRules
import Testing

@Suite struct HostNameTests {
    @Test(arguments: ["example.com", "EXAMPLE.com.", "xn--bcher-kva.example"])
    func readsWhatAllReadAlike(_ text: String) throws {
        let name = try #require(HostName(text))
        #expect(HostName(name.description) == name)
    }

    @Test(arguments: ["", ".", "localhost", "127.0.0.1", "0x7f.1", "2130706433", "a..b", "a_b.example", "a b.example"])
    func refusesWhatCouldBeReadInTwoWays(_ text: String) {
        #expect(HostName(text) == nil)
    }
}
