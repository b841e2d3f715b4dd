package import MCP

/// `bulkhead labels`: which folders carry outside content, and an admin's word that one does not.
package enum LabelsReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.labels()
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func clear(
        at location: DaemonLocation, volume: String, reason: String, json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.clearLabels(ofVolume: volume, reason: reason)
            return ["cleared": true]
        } lines: { _, _ in
            [CommandResult.done("\(volume) carries no label any more.")]
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
