internal import Glibc
package import MCP

/// `bulkhead answers`: what was answered to one person alone, and posting it.
package enum AnswersReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                let answer = try await client.privateAnswers()
                if json {
                    CommandResult.printJSON(answer)
                } else {
                    TerminalDevice.print(
                        lines(answer, width: TerminalDevice.width(of: STDOUT_FILENO)), to: STDOUT_FILENO)
                }
                return 0
            }
        }
    }

    package static func post(at location: DaemonLocation, _ id: String, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                try await client.postAnswer(id)
                if json {
                    CommandResult.printJSON(["posted": true])
                } else {
                    TerminalDevice.print(
                        [StyledLine("✓ ", .green) + StyledLine("Posted to the thread it was asked in.")],
                        to: STDOUT_FILENO)
                }
                return 0
            }
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
