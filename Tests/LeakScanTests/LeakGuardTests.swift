import LeakScan
import Testing

@Suite struct LeakGuardTests {
    @Test func secretsAreKnownByWhatTheyAreCalledAndByWhatTheyAre() {
        let one = LeakSecret(id: "s1", name: "MAIL", value: Array("a".utf8))
        #expect(one != LeakSecret(id: "s1", name: "MAIL", value: Array("b".utf8)))
    }
}
