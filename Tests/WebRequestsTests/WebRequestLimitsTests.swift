import Testing
import WebRequests

@Suite struct WebRequestLimitsTests {
    @Test func everythingHasALimit() {
        let limits = WebRequestLimits()
        #expect(limits.responseBytes > 0 && limits.requestBytes > 0 && limits.total > .zero)
    }
}
