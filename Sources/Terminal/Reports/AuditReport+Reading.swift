internal import Glibc
internal import MCP

/// `bulkhead audit show`, `follow`, `export` and `prune`.
extension AuditReport {
    private static let page = 500

    package static func show(at location: DaemonLocation, row: Int64, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json, pretty: true) { client in
            let found = try await client.auditRows(AuditFilter(after: row - 1, limit: 1))["rows"]?.arrayValue
            guard let first = found?.first, first["seq"]?.intValue == row else {
                throw TerminalError(.notFound, "There is no row \(row).")
            }
            guard let call = first["call"]?.stringValue else { return ["rows": .array([first])] }
            var filter = AuditFilter(after: 0, limit: 20)
            filter.call = call
            return ["rows": .array(try await client.auditRows(filter)["rows"]?.arrayValue ?? [first])]
        } lines: { answer, _ in
            (answer["rows"]?.arrayValue ?? []).flatMap(details)
        }
    }

    /// Asks every second; ends with the daemon or the terminal.
    package static func follow(at location: DaemonLocation, _ wanted: AuditFilter, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                var filter = wanted
                filter.limit = 10
                var rows = try newestFirst(await client.auditRows(filter))
                filter.limit = page
                filter.after = rows.last?["seq"]?.intValue ?? 0
                while true {
                    for row in rows {
                        if json {
                            CommandResult.printJSON(row)
                        } else {
                            TerminalDevice.print([line(row)], to: STDOUT_FILENO)
                        }
                    }
                    filter.after = rows.last?["seq"]?.intValue ?? filter.after
                    try await Task.sleep(for: .seconds(1))
                    rows = try await client.auditRows(filter)["rows"]?.arrayValue ?? []
                }
            }
        }
    }

    package static func export(at location: DaemonLocation, _ wanted: AuditFilter) async -> Int32 {
        await CommandResult.status(json: true) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                var filter = wanted
                (filter.after, filter.limit) = (0, page)
                while true {
                    let rows = try await client.auditRows(filter)["rows"]?.arrayValue ?? []
                    for row in rows { CommandResult.printJSON(row) }
                    guard rows.count == page, let last = rows.last?["seq"]?.intValue else { return 0 }
                    filter.after = last
                }
            }
        }
    }

    /// `before` in milliseconds since 1970.
    package static func prune(at location: DaemonLocation, before: Int64, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.pruneAudit(before: before)
        } lines: { answer, _ in
            let row = answer["pruned_to"]?.intValue ?? 0
            return [
                CommandResult.done(
                    row > 0
                        ? "Rows up to \(row) are gone; that they were pruned is on record."
                        : "Nothing was pruned: no checkpoint is that old.")
            ]
        }
    }

    /// The lines of a file that are checkpoints, the newest where there are too many for one request.
    static func checkpointLines(of file: String) throws -> [String] {
        let bytes = try LocalFile.read(file).bytes
        let lines = bytes.split(separator: UInt8(ascii: "\n")).lazy
            // Whatever a log or a server put before and after it.
            .compactMap { line -> String? in
                let text = String(decoding: line, as: UTF8.self)
                return text.ranges(of: "bulkhead-audit ").last.map { String(text[$0.lowerBound...].prefix(320)) }
            }
        guard !lines.isEmpty else {
            throw TerminalError(.file, "There is no checkpoint in \(file): a line with \"bulkhead-audit 1 …\".")
        }
        return Array(Array(lines).suffix(2000))
    }

    private static func newestFirst(_ answer: JSONValue) -> [JSONValue] {
        (answer["rows"]?.arrayValue ?? []).sorted { ($0["seq"]?.intValue ?? 0) < ($1["seq"]?.intValue ?? 0) }
    }

    static func line(_ row: JSONValue) -> StyledLine {
        let name = row["tool"]?.stringValue ?? row["event"]?.stringValue ?? ""
        let decision = row["decision"]?.stringValue ?? row["outcome"]?.stringValue ?? ""
        return StyledLine(row["seq"]?.intValue.map { String($0) } ?? "", .dim).padded(to: 8)
            + StyledLine(ReportText.time(row["at"])) + StyledLine("  ")
            + StyledLine(row["person"]?.stringValue ?? "-").padded(to: 12) + StyledLine(name, .bold).padded(to: 16)
            + StyledLine(decision).padded(to: 10)
            + StyledLine(ToolLine.summary(row["arguments"] ?? .null, limit: 120)).truncated(to: 80)
    }

    /// Every member of a row, one a line; what has parts as indented JSON.
    static func details(_ row: JSONValue) -> [StyledLine] {
        guard let members = row.objectValue else { return [] }
        var lines = [StyledLine("Row \(row["seq"]?.intValue ?? 0)", .bold)]
        for (key, value) in members where key != "seq" {
            if let text = value.stringValue {
                lines.append(StyledLine("  " + key, .dim).padded(to: 18) + StyledLine(text))
            } else if value.objectValue != nil || value.arrayValue != nil {
                lines.append(StyledLine("  " + key, .dim))
                lines += StyledLine.lines(of: CommandResult.harmless(value.prettyText)).map { StyledLine("    ") + $0 }
            } else {
                lines.append(StyledLine("  " + key, .dim).padded(to: 18) + StyledLine(value.text))
            }
        }
        return lines
    }
}
