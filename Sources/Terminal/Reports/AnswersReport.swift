package import MCP

/// `bulkhead answers`: what was answered to one person alone, and posting it.
package enum AnswersReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.privateAnswers()
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func post(at location: DaemonLocation, _ id: String, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.postAnswer(id)
            return ["posted": true]
        } lines: { _, _ in
            [CommandResult.done("Posted to the thread it was asked in.")]
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let answers = answer["answers"]?.arrayValue ?? []
        guard !answers.isEmpty else { return [StyledLine("Nothing was answered to you alone.", .dim)] }
        let columns = [
            TextTable.Column("id", minimum: 26), TextTable.Column("at", minimum: 19),
            TextTable.Column("asked in", minimum: 8), TextTable.Column("posted", minimum: 6),
            TextTable.Column("answer", minimum: 8),
        ]
        let rows = answers.map { answer in
            [
                StyledLine(answer["message"]?.stringValue ?? "", .bold), StyledLine(ReportText.time(answer["at"])),
                StyledLine(answer["channel_name"]?.stringValue ?? ""),
                StyledLine(answer["posted"]?.boolValue == true ? "yes" : "no"),
                StyledLine(
                    answer["text"]?.stringValue?.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }
}
