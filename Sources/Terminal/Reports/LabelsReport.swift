internal import Glibc
package import MCP

/// `bulkhead labels`: which folders carry outside content, and an admin's word that one does not.
package enum LabelsReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                let answer = try await client.labels()
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

    package static func clear(
        at location: DaemonLocation, volume: String, reason: String, json: Bool
    ) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                try await client.clearLabels(ofVolume: volume, reason: reason)
                if json {
                    CommandResult.printJSON(["cleared": true])
                } else {
                    TerminalDevice.print(
                        [StyledLine("✓ ", .green) + StyledLine("\(volume) carries no label any more.")],
                        to: STDOUT_FILENO)
                }
                return 0
            }
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let volumes = answer["volumes"]?.arrayValue ?? []
        guard !volumes.isEmpty else { return [StyledLine("No folder carries a label.", .dim)] }
        let columns = [
            TextTable.Column("volume", minimum: 12), TextTable.Column("of", minimum: 8),
            TextTable.Column("since", minimum: 19), TextTable.Column("label", minimum: 10),
        ]
        let rows = volumes.map { volume in
            [
                StyledLine(volume["volume"]?.stringValue ?? "", .bold), StyledLine(volume["name"]?.stringValue ?? ""),
                StyledLine(ReportText.time(volume["since"])),
                StyledLine(ReportText.labels(volume["labels"]), .yellow),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }
}
