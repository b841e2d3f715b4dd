internal import Glibc
package import MCP

/// `bulkhead drill`: what was tried at the walls, and whether they held.
package enum DrillReport {
    package static func list(at location: DaemonLocation, only groups: [String], json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            let all = try await client.drillTrials()
            let wanted = (all["attempts"]?.arrayValue ?? []).filter {
                groups.isEmpty || groups.contains($0["group"]?.stringValue ?? "")
            }
            return .object(["attempts": .array(wanted)])
        } lines: { answer, width in
            let columns = [TextTable.Column("attempt", minimum: 16), TextTable.Column("what is tried", minimum: 20)]
            let rows = (answer["attempts"]?.arrayValue ?? []).map {
                [StyledLine($0["id"]?.stringValue ?? ""), StyledLine($0["title"]?.stringValue ?? "")]
            }
            return TextTable(columns: columns, rows: rows).lines(width: width)
        }
    }

    /// 0 where every wall held, 1 where one did not or that could not be shown.
    package static func run(at location: DaemonLocation, only groups: [String], json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                var report: JSONObject?
                try await client.drill(only: groups) { step in
                    if let error = step["error"] { throw failure(error) }
                    if let began = step["began"], !json {
                        TerminalDevice.print([progress(began)], to: STDERR_FILENO)
                    }
                    if let last = step["report"]?.objectValue { report = last }
                }
                guard let report else {
                    throw TerminalError(.connectionLost, "The drill broke off: the daemon may have been stopped.")
                }
                if json {
                    CommandResult.printJSON(.object(report))
                } else {
                    TerminalDevice.print(
                        lines(report, width: TerminalDevice.width(of: STDOUT_FILENO)), to: STDOUT_FILENO)
                }
                return report["verdict"]?.stringValue == "held" ? 0 : 1
            }
        }
    }

    private static func failure(_ error: JSONValue) -> TerminalError {
        TerminalError(.refused, error["message"]?.stringValue ?? "The drill could not be run.")
    }

    private static func progress(_ began: JSONValue) -> StyledLine {
        StyledLine("… ", .dim) + StyledLine(began["title"]?.stringValue ?? "")
            + StyledLine(" (\(began["attempts"]?.intValue ?? 0))", .dim)
    }

    package static func lines(_ report: JSONObject, width: Int?) -> [StyledLine] {
        let attempts = report["attempts"]?.arrayValue ?? []
        let columns = [
            TextTable.Column("group", minimum: 9), TextTable.Column("attempt", minimum: 24),
            TextTable.Column("refused", minimum: 7), TextTable.Column("audited", minimum: 7),
            TextTable.Column("control", minimum: 7),
        ]
        let rows = attempts.map { attempt in
            [
                StyledLine(attempt["group"]?.stringValue ?? ""), StyledLine(attempt["title"]?.stringValue ?? ""),
                mark(attempt["refused"]), mark(attempt["audited"]), mark(attempt["control"]),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width) + [StyledLine()]
            + attempts.filter { !isGreen($0) }.flatMap(reason) + left(report) + [verdict(report, attempts)]
    }

    private static func isGreen(_ attempt: JSONValue) -> Bool {
        attempt["refused"]?.boolValue == true && attempt["control"]?.boolValue == true
            && attempt["audited"]?.boolValue != false
    }

    private static func mark(_ value: JSONValue?) -> StyledLine {
        switch value?.boolValue {
        case true?: StyledLine("yes", .green)
        case false?: StyledLine("NO", [.red, .bold])
        case nil: StyledLine("–", .dim)
        }
    }

    private static func reason(_ attempt: JSONValue) -> [StyledLine] {
        [
            StyledLine("✗ ", .red) + StyledLine(attempt["id"]?.stringValue ?? "", .bold)
                + StyledLine(": \(attempt["detail"]?.stringValue ?? "")")
        ]
    }

    private static func left(_ report: JSONObject) -> [StyledLine] {
        (report["left"]?.arrayValue ?? []).map {
            StyledLine("✗ left behind: ", .red) + StyledLine($0.stringValue ?? "")
        }
    }

    private static func verdict(_ report: JSONObject, _ attempts: [JSONValue]) -> StyledLine {
        let failed = attempts.count { !isGreen($0) }
        let seconds = Int(report["seconds"]?.doubleValue ?? 0)
        guard report["verdict"]?.stringValue == "held" else {
            return StyledLine("✗ Not every wall held, or could be shown to: ", .red)
                + StyledLine("\(failed) of \(attempts.count) attempts, \(seconds) s.")
        }
        return StyledLine("✓ Every wall held: ", .green)
            + StyledLine("\(attempts.count) attempts, each refused and each shown to be able to succeed, \(seconds) s.")
    }
}
