internal import MCP

/// `bulkhead vault`: the key secrets are sealed under.
package enum VaultReport {
    package static func status(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json, status: { isWell($0) ? 0 : 1 }) { client in
            try await client.vault()
        } lines: { answer, _ in
            lines(answer)
        }
    }

    package static func rotate(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.rotateVault()
        } lines: { answer, _ in
            [
                CommandResult.done("\(answer["secrets"]?.intValue ?? 0) secrets are under a new key."),
                StyledLine(
                    "Keep the new key, apart from backups of the database; with the old one they do not open.", .dim),
            ]
        }
    }

    static func isWell(_ answer: JSONValue) -> Bool {
        answer["problem"] == nil && answer["broken"]?.arrayValue?.isEmpty != false
    }

    static func lines(_ answer: JSONValue) -> [StyledLine] {
        func field(_ name: String, _ value: String) -> StyledLine {
            StyledLine("  " + name, .dim).padded(to: 16) + StyledLine(value)
        }
        var lines = [
            isWell(answer) ? StyledLine("The vault is open.", .green) : StyledLine("The vault needs you.", .red),
            field("key", answer["key"]?.stringValue ?? ""),
            field("key id", answer["key_id"]?.stringValue ?? "none yet"),
            field("rotated", answer["rotated"] == nil ? "never" : ReportText.time(answer["rotated"]) + " UTC"),
            field("new values", answer["backend"]?.stringValue ?? ""),
            field("secrets", "\(answer["secrets"]?.intValue ?? 0), never used: \(answer["never_used"]?.intValue ?? 0)"),
        ]
        if let problem = answer["problem"]?.stringValue { lines.append(StyledLine(problem, .red)) }
        let broken = (answer["broken"]?.arrayValue ?? []).compactMap(\.stringValue)
        if !broken.isEmpty, answer["problem"] == nil {
            let names = broken.joined(separator: ", ")
            lines.append(
                StyledLine(
                    "These do not open, their rows were changed: \(names). Set them again; find out who did it.", .red))
        }
        return lines
    }
}
