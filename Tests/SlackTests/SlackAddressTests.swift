import Model
import Slack
import Testing

@Suite struct SlackAddressTests {
    @Test(arguments: ["C0123ABC", "D9", "C0123ABC/1700000000.000100"])
    func anAddressIsReadAsItIsWritten(text: String) throws {
        #expect(SlackAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "/", "c012", "C1/", "C1/1700000000", "C1/1700000000.1", "C1/1.000000/2.000000", "C 1", "C1/-1.000000",
        "C1/1234567890123.000000", "C1/١.000000",
    ])
    func anythingElseIsNone(text: String) {
        #expect(SlackAddress(text) == nil)
    }

    @Test func timeStampsAreOrderedByTime() throws {
        let early = try #require(SlackTimestamp("999999999.999999"))
        let late = try #require(SlackTimestamp("1000000000.000000"))
        #expect(early < late && late.time.milliseconds - early.time.milliseconds == 1)
        #expect(SlackTimestamp(late.time).text == late.text)
        #expect(SlackTimestamp(Timestamp(milliseconds: 1_042)).text == "1.042000")
    }
}
