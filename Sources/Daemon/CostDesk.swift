internal import Budgets
internal import Console
internal import Conversations
internal import MCP
internal import Model
internal import Schedules
internal import Store

/// The console's costs, from the ledger.
struct CostDesk: CostOperations {
    let database: Database
    let budgets: Reloadable<BudgetBook>
    let routing: Reloadable<RoutingPlan>

    func costs(by grouping: String, since: Timestamp?, for person: Person) async throws -> JSONObject {
        let isAdmin = person.role.isAdmin
        let zone = budgets.current.zone
        let now = database.clock.now()
        let start = since ?? BudgetWindow(.month, at: now, in: zone).start
        let own = isAdmin ? nil : person.id
        let rows: [CostRow]
        if grouping == "day" {
            rows = Self.days(
                try await database.costs(by: .quarter, since: start, for: own, limit: 100_000), in: zone)
        } else if let known = CostGrouping(rawValue: grouping), known != .quarter {
            rows = try await database.costs(by: known, since: start, for: own)
        } else {
            let known = CostGrouping.allCases.filter { $0 != .quarter }.map(\.rawValue) + ["day"]
            throw ChatError(.invalid, "by is one of \(known.joined(separator: ", ")).")
        }
        var total = CostRow(key: "total", name: "total")
        for row in rows { total.add(row) }
        return [
            "by": .string(grouping), "since": .string(start.rfc3339), "until": .string(now.rfc3339),
            "zone": .string(zone.name), "scope": isAdmin ? "all" : "yours", "rows": .array(rows.map(Self.json)),
            "total": Self.json(total), "forecast": try await forecast(of: own, now: now, zone: zone),
            "budgets": .array(try await balances(for: person, isAdmin: isAdmin)),
        ]
    }

    /// Quarters of an hour as days of the zone, the newest first.
    static func days(_ quarters: [CostRow], in zone: Zone) -> [CostRow] {
        var days: [Timestamp: CostRow] = [:]
        for quarter in quarters {
            guard let number = Int64(quarter.key) else { continue }
            let time = Timestamp(milliseconds: number * 900_000)
            let start = BudgetWindow(.day, at: time, in: zone).start
            let local = CivilDay(
                number: Int((start.milliseconds / 1000 + Int64(zone.offset(at: start))) / 86_400))
            func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            let name = "\(local.year)-\(padded(local.month))-\(padded(local.day))"
            days[start, default: CostRow(key: name, name: name)].add(quarter)
        }
        return days.sorted { $0.key > $1.key }.map(\.value)
    }

    private func forecast(of person: PersonID?, now: Timestamp, zone: Zone) async throws -> JSONValue {
        let account = person.map { "person/\($0)" } ?? "company"
        let month = BudgetWindow(.month, at: now, in: zone)
        let trail = now.advanced(by: .zero - CostForecast.trail)
        let spent = try await database.spent(from: account, since: month.start, until: now)
        let trailing = try await database.spent(from: account, since: trail, until: now)
        let forecast = CostForecast(
            spent: spent.microdollars, trailing: trailing.microdollars, first: spent.first, now: now, zone: zone)
        return [
            "month_start": .string(month.start.rfc3339), "month_end": .string((month.end ?? now).rfc3339),
            "spent": .int(forecast.spent), "expected": .int(forecast.expected),
        ]
    }

    /// The company's for admins, one's own for everybody.
    private func balances(for person: Person, isAdmin: Bool) async throws -> [JSONValue] {
        var book = budgets.current
        book.budgets = book.budgets.filter { $0.scope == .person || (isAdmin && $0.scope == .company) }
        let subject = BudgetSubject(
            person: person.id, channel: ChannelID(trusted: "none"), conversation: ConversationID(trusted: "none"),
            session: nil)
        return try await database.balances(of: subject, in: book).map { balance in
            var object: JSONObject = [
                "scope": .string(balance.account.budget.scope.rawValue),
                "period": .string(balance.account.budget.period.rawValue), "spent": .int(balance.spent),
                "reserved": .int(balance.reserved),
            ]
            for level in BudgetLevel.allCases { object[level.rawValue] = balance.limit(level).map { .int($0) } }
            object["until"] = balance.account.window.end.map { .string($0.rfc3339) }
            return .object(object)
        }
    }

    private static func json(_ row: CostRow) -> JSONValue {
        [
            "key": .string(row.key), "name": .string(row.name), "calls": .int(Int64(row.calls)),
            "input_tokens": .int(row.inputTokens), "output_tokens": .int(row.outputTokens),
            "cache_read_tokens": .int(row.cacheReadTokens), "cache_write_tokens": .int(row.cacheWriteTokens),
            "microdollars": .int(row.microdollars), "estimates": .int(Int64(row.estimates)),
        ]
    }
}
