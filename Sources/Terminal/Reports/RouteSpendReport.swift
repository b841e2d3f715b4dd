package import MCP

/// `bulkhead route report`.
package enum RouteSpendReport {
    /// `since` in milliseconds since 1970; `candidate`: thresholds to try on the past.
    package static func show(
        at location: DaemonLocation, since: Int64?, candidate: [Double]?, json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.routes(since: since, candidate: candidate)
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let decisions = answer["decisions"]?.intValue ?? 0
        var lines = [StyledLine("Turns since \(ReportText.time(answer["since"])) (UTC)", .dim)]
        guard decisions > 0 else { return lines + [StyledLine("No turn was given a tier.", .dim)] }
        let columns = [
            TextTable.Column("tier"), TextTable.Column("turns", alignment: .trailing),
            TextTable.Column("share", alignment: .trailing), TextTable.Column("cost", alignment: .trailing, minimum: 8),
            TextTable.Column("of all", alignment: .trailing), TextTable.Column("failed", alignment: .trailing),
            TextTable.Column("👎", alignment: .trailing, minimum: 2),
        ]
        let rows = (answer["tiers"]?.arrayValue ?? []).map { tier in
            [
                StyledLine(tier["tier"]?.stringValue ?? ""), number(tier["turns"]),
                share(tier["turns"], of: decisions), StyledLine(CostReport.dollars(tier["microdollars"])),
                share(tier["microdollars"], of: answer["microdollars"]?.intValue ?? 0), number(tier["failed"]),
                number(tier["bad"]),
            ]
        }
        lines += TextTable(columns: columns, rows: rows).lines(width: width)
        lines.append(
            StyledLine(
                "\(answer["raised"]?.intValue ?? 0) were raised while they ran, \(answer["requested"]?.intValue ?? 0) asked "
                    + "for a tier, \(answer["throttled"]?.intValue ?? 0) were lowered by a budget.", .dim))
        if let shadowed = answer["shadow"]?["decisions"]?.intValue, shadowed > 0 {
            let other = answer["shadow"]?["other"]?.intValue ?? 0
            lines.append(
                StyledLine("The thresholds on trial said otherwise in \(other) of \(shadowed) decisions.", .dim))
        }
        return lines + [StyledLine("")] + thresholds(answer["thresholds"]?.arrayValue ?? [], width: width)
    }

    private static func thresholds(_ list: [JSONValue], width: Int?) -> [StyledLine] {
        let columns = [
            TextTable.Column("the same turns with", minimum: 12), TextTable.Column("balanced, best from", minimum: 8),
            TextTable.Column("fast", alignment: .trailing), TextTable.Column("balanced", alignment: .trailing),
            TextTable.Column("best", alignment: .trailing),
            TextTable.Column("cost, about", alignment: .trailing, minimum: 8),
        ]
        let rows = list.map { entry in
            let numbers = (entry["thresholds"]?.arrayValue ?? []).compactMap(\.doubleValue)
            return [
                StyledLine(entry["name"]?.stringValue ?? ""),
                StyledLine(numbers.map(RouteReport.rounded).joined(separator: ", ")), number(entry["turns"]?["fast"]),
                number(entry["turns"]?["balanced"]), number(entry["turns"]?["best"]),
                StyledLine(CostReport.dollars(entry["microdollars"])),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }

    private static func number(_ value: JSONValue?) -> StyledLine { StyledLine("\(value?.intValue ?? 0)") }

    private static func share(_ part: JSONValue?, of whole: Int64) -> StyledLine {
        StyledLine(whole > 0 ? "\((part?.intValue ?? 0) * 100 / whole)%" : "")
    }
}
