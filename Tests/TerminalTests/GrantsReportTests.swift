import MCP
import Terminal
import Testing

@Suite struct GrantsReportTests {
    private static func grant(_ more: String) throws -> JSONValue {
        try JSONValue(
            parsing: #"""
                {"id":"g1","scope":"channel","tool":"write_file","arguments":null,"rule":"files","giver":"ben",
                 "requester":"anna\u001b[2J","conversation":"t1","channel":"sales","given":"2026-11-22T15:04:05.000Z",
                 "expires":"2027-02-20T15:04:05.000Z","in_force":true,"end":null\#(more)}
                """#)
    }

    @Test func aGrantSaysWhatItIsForAndHowItEnds() throws {
        let list = GrantsReport.lines(["grants": .array([try Self.grant("")])], width: nil).map(\.plain)
        try #require(list.count == 3)
        for word in ["anna␛[2J", "write_file", "anything", "all of sales", "ben", "2027-02-20 15:04:05", "in force"] {
            #expect(list[2].contains(word), "\(word): \(list[2])")
        }
        let details = GrantsReport.details(try Self.grant("")).map(\.plain)
        #expect(details.contains { $0.contains("whatever the same rule asks about") })
        #expect(details.last == "Take it back with: bulkhead grants revoke g1")
        #expect(GrantsReport.lines(["grants": []], width: nil)[0].plain.contains("every question is asked"))
    }

    @Test func oneThatEndedSaysWhyAndIsNotTakenBack() throws {
        let ended = try JSONValue(
            parsing: #"""
                {"id":"g1","scope":"conversation","tool":"bash","arguments":{"command":"make\u202e"},"rule":"r","giver":"a",
                 "requester":"a","conversation":"t1","channel":"sales","given":"x","expires":"y","in_force":false,
                 "end":"void: bash is not what it was"}
                """#)
        let details = GrantsReport.details(ended).map(\.plain)
        #expect(details.contains { $0.contains("void: bash is not what it was") })
        #expect(
            details.contains { $0.contains(#"make\u202e"#) } && details.contains { $0.contains("one thread in sales") })
        #expect(!details.contains { $0.contains("revoke") })
    }
}
