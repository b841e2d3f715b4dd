package import MCP

/// `bulkhead cost`.
package enum CostReport {
    package enum Format: Sendable {
        case table, json, csv
    }

    /// `since` in milliseconds since 1970.
    package static func show(
        at location: DaemonLocation, by grouping: String, since: Int64?, format: Format
    ) async -> Int32 {
        await CommandResult.report(at: location, json: format == .json) { client in
            try await client.costs(by: grouping, since: since)
        } lines: { answer, width in
            format == .csv ? csv(answer).map { StyledLine($0) } : lines(answer, width: width)
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let rows = answer["rows"]?.arrayValue ?? []
        let whose = answer["scope"] == "all" ? "everybody" : "you"
        var lines = [StyledLine("Spent for \(whose) since \(ReportText.time(answer["since"])) (UTC)", .dim)]
        if rows.isEmpty {
            lines.append(StyledLine("No model has been called.", .dim))
        } else {
            let columns = [
                TextTable.Column(answer["by"]?.stringValue ?? "", minimum: 8),
                TextTable.Column("cost", alignment: .trailing, minimum: 8),
                TextTable.Column("calls", alignment: .trailing, minimum: 5),
                TextTable.Column("tokens in", alignment: .trailing, minimum: 9),
                TextTable.Column("out", alignment: .trailing, minimum: 6),
                TextTable.Column("cached", alignment: .trailing, minimum: 6),
            ]
            let total = answer["total"].map { [$0] } ?? []
            lines += TextTable(columns: columns, rows: (rows + total).map(cells)).lines(width: width)
        }
        return lines + forecast(answer["forecast"]) + (answer["budgets"]?.arrayValue ?? []).map(budget)
    }

    private static func cells(_ row: JSONValue) -> [StyledLine] {
        let isTotal = row["key"] == "total"
        let name = row["name"]?.stringValue ?? ""
        let estimates = row["estimates"]?.intValue ?? 0
        let cost = dollars(row["microdollars"]) + (estimates > 0 ? " ~" : "")
        return [
            isTotal ? StyledLine(name, .bold) : StyledLine(name.isEmpty ? "(none)" : name), StyledLine(cost),
            StyledLine("\(row["calls"]?.intValue ?? 0)"), StyledLine("\(input(row))"),
            StyledLine("\(row["output_tokens"]?.intValue ?? 0)"), StyledLine(cached(row)),
        ]
    }

    /// All that was sent: new, read from the cache, and written to it.
    private static func input(_ row: JSONValue) -> Int64 {
        ["input_tokens", "cache_read_tokens", "cache_write_tokens"].reduce(0) { $0 + (row[$1]?.intValue ?? 0) }
    }

    /// Which part of it was read from the cache.
    private static func cached(_ row: JSONValue) -> String {
        let all = input(row)
        guard all > 0 else { return "" }
        return "\((row["cache_read_tokens"]?.intValue ?? 0) * 100 / all)%"
    }

    private static func forecast(_ value: JSONValue?) -> [StyledLine] {
        guard let value, value["expected"]?.intValue ?? 0 > 0 else { return [] }
        return [
            StyledLine(
                "This month so far \(dollars(value["spent"])); going on like the last two weeks, "
                    + "\(dollars(value["expected"])) when it ends.", .dim)
        ]
    }

    private static func budget(_ value: JSONValue) -> StyledLine {
        let whose = value["scope"] == "company" ? "Company" : "Yours"
        let limits = ["soft", "throttle", "hard"].compactMap { level in
            value[level].map { "\(level) \(dollars($0))" }
        }
        let taken = (value["spent"]?.intValue ?? 0) + (value["reserved"]?.intValue ?? 0)
        return StyledLine(
            "\(whose), this \(value["period"]?.stringValue ?? ""): \(dollars(.int(taken))) of "
                + "\(limits.joined(separator: ", ")).", .dim)
    }

    /// Of millionths: cents, four places below one. Rounded up, as the bill is.
    package static func dollars(_ value: JSONValue?) -> String {
        let amount = max(0, value?.intValue ?? 0)
        let (unit, scale, places): (Int64, Int64, Int) = amount < 10_000 ? (100, 10_000, 4) : (10_000, 100, 2)
        let rounded = amount / unit + (amount % unit == 0 ? 0 : 1)
        let rest = String(rounded % scale)
        return "$\(rounded / scale)." + String(repeating: "0", count: places - rest.count) + rest
    }

    /// RFC 4180, with a head; money in dollars with all six places, so that sums come out.
    package static func csv(_ answer: JSONValue) -> [String] {
        let numbers = [
            "calls", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "estimates",
        ]
        let head = ([answer["by"]?.stringValue ?? "key", "name", "dollars"] + numbers).joined(separator: ",")
        return [head]
            + (answer["rows"]?.arrayValue ?? []).map { row in
                let amount = max(0, row["microdollars"]?.intValue ?? 0)
                let rest = String(amount % 1_000_000)
                let dollars = "\(amount / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
                return
                    ([field(row["key"]), field(row["name"]), dollars]
                    + numbers.map { "\(row[$0]?.intValue ?? 0)" }).joined(separator: ",")
            }
    }

    /// What a spreadsheet would take for a formula is marked as text: names are people's.
    private static func field(_ value: JSONValue?) -> String {
        var text = (value?.stringValue ?? "").filter { !$0.isNewline }
        if let first = text.first, "=+-@\t".contains(first) { text = "'" + text }
        guard text.contains(where: { "\",'".contains($0) || $0.isWhitespace }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
