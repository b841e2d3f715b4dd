import MCP
import Terminal
import Testing

@Suite struct PrivateAnswerTests {
    private func entry(id: String, posted: Bool) throws -> Entry {
        let json = try JSONValue(
            parsing: #"""
                {"seq":2,"id":"\#(id)","kind":"notice","author":"Bulkhead","text":"I answered anna privately.",
                 "at":"2026-11-22T15:04:05.000Z","in_reply_to":"m1","attachments":[],"tools":[],"labels":[],
                 "private_answer":{"message":"m9","conversation":"c9","thread":"c1","channel_name":"team",
                 "text":"the secret","at":"2026-11-22T15:04:05.000Z","posted":\#(posted)}}
                """#)
        return try Entry(ResponseReader(value: json, place: "entry"))
    }

    @Test func whoItIsForReadsItWhereItWasAsked() throws {
        let line = try entry(id: "m2", posted: false)
        #expect(line.kind == .assistant && line.privateAnswer == "m9")
        #expect(line.text.hasPrefix("the secret\n") && line.text.contains("bulkhead answers post m9"))
        #expect(try entry(id: "m2", posted: true).text.contains("and posted here"))
        // In the direct channel it stands by itself.
        #expect(try entry(id: "m9", posted: false).text == "I answered anna privately.")
    }

    @Test func listsAreInPlainWords() throws {
        let answers = try JSONValue(
            parsing: #"""
                {"answers":[{"message":"m9","channel_name":"team","text":"first\u001b[2J line\nsecond",
                 "at":"2026-11-22T15:04:05.000Z","posted":true}]}
                """#)
        let lines = AnswersReport.lines(answers, width: nil).map(\.plain).joined(separator: "\n")
        #expect(lines.contains("first␛[2J line") && !lines.contains("second") && lines.contains("yes"))
        let volumes = try JSONValue(
            parsing: #"{"volumes":[{"volume":"shared/c1","name":"team","labels":["untrusted"],"since":null}]}"#)
        let labels = LabelsReport.lines(volumes, width: nil).map(\.plain).joined(separator: "\n")
        #expect(labels.contains("shared/c1") && labels.contains("contains outside content"))
        #expect(LabelsReport.lines(.object([:]), width: nil).map(\.plain) == ["No folder carries a label."])
    }
}
