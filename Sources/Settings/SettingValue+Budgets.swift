internal import Budgets
internal import Yams

extension SettingValue where Value == BudgetSettings.Limits {
    /// Limits by period: `{day: {soft: 5, hard: 20}}`, in US dollars.
    static func limits(of scope: BudgetScope) -> SettingValue {
        let periods = BudgetPeriod.all(of: scope)
        let example = periods.contains(.day) ? "day" : "run"
        return SettingValue(
            type: "limits by period",
            allowed:
                "\(periods.map(\.rawValue).joined(separator: ", ")), each with soft, throttle and hard in US dollars,"
                + " in this order of size: {\(example): {soft: 5, hard: 20}}",
            read: { node throws(InvalidValue) in
                guard case .mapping(let mapping) = node else { throw InvalidValue(reason: "is not a mapping") }
                var limits: BudgetSettings.Limits = [:]
                for (key, value) in mapping {
                    guard case .scalar(let word) = key, let period = BudgetPeriod(rawValue: word.string),
                        periods.contains(period)
                    else { throw InvalidValue(reason: "has a key that is no period of a \(scope.rawValue)'s") }
                    guard limits[period] == nil else { throw InvalidValue(reason: "has \(quoted(word.string)) twice") }
                    limits[period] = try levels(value, of: word.string)
                }
                return limits
            }, show: text)
    }

    private static func levels(_ node: Node, of period: String) throws(InvalidValue) -> [BudgetLevel: Int64] {
        guard case .mapping(let mapping) = node else {
            throw InvalidValue(reason: "has no limits for \(quoted(period))")
        }
        var levels: [BudgetLevel: Int64] = [:]
        for (key, value) in mapping {
            guard case .scalar(let word) = key, let level = BudgetLevel(rawValue: word.string) else {
                throw InvalidValue(reason: "has a level for \(quoted(period)) that is not soft, throttle or hard")
            }
            guard case .scalar(let amount) = value, let dollars = Dollars.parse(amount.string) else {
                throw InvalidValue(reason: "has no amount in dollars (20, 0.50) for \(period) \(level.rawValue)")
            }
            levels[level] = dollars
        }
        // A level that comes after a harder one would never be seen.
        let order = [BudgetLevel.soft, .throttle, .hard].compactMap { levels[$0] }
        guard order == order.sorted() else {
            throw InvalidValue(reason: "has limits for \(quoted(period)) that are not in the order of the levels")
        }
        return levels
    }

    private static func text(_ limits: BudgetSettings.Limits) -> String {
        let periods = BudgetPeriod.allCases.compactMap { period in
            limits[period].map { levels in
                let words = BudgetLevel.allCases.compactMap { level in
                    levels[level].map { "\(level.rawValue): \(Dollars.plain($0))" }
                }
                return "\(period.rawValue): {\(words.joined(separator: ", "))}"
            }
        }
        return "{\(periods.joined(separator: ", "))}"
    }
}
