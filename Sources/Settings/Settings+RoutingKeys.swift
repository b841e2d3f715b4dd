internal import Yams

extension Settings {
    static let routingKeys: [SettingKey] = [
        SettingKey(
            "routing.thresholds", \.routing.thresholds, .thresholds(mayBeEmpty: false), reloadable: true,
            "From which score of the [router](router.md) on a turn gets `balanced`, and from which on `best`; below the first,"
                + " `fast`. Equal numbers leave `balanced` out, and a 1 the tiers from there on."),
        SettingKey(
            "routing.shadow", \.routing.shadow, .thresholds(mayBeEmpty: true), reloadable: true,
            "Thresholds on trial: what they would have said is kept with each decision and told by `bulkhead route report`."
        ),
        SettingKey(
            "routing.highest", \.routing.highest, .choice, reloadable: true,
            "The dearest tier a turn gets that nobody asked for one."),
        SettingKey(
            "routing.requests", \.routing.requests, .choice, reloadable: true,
            "Who gets a tier by asking for it (`bulkhead chat --tier best`): `everybody`, `admins`, `named` (those of"
                + " `routing.named`, and admins), `nobody`. Others get no more than the router gives."),
        SettingKey(
            "routing.named", \.routing.named, .users, reloadable: true,
            "People who get the tier they ask for, with `routing.requests: named`."),
    ]
}

extension SettingValue where Value == [Double] {
    fileprivate static func thresholds(mayBeEmpty: Bool) -> SettingValue {
        SettingValue(
            type: "two numbers",
            allowed: (mayBeEmpty ? "nothing, or " : "") + "two numbers from 0 to 1, the smaller first: [0.2, 0.85]",
            read: { node throws(InvalidValue) in
                guard case .sequence(let sequence) = node else { throw InvalidValue(reason: "is not a list") }
                var numbers: [Double] = []
                for item in sequence {
                    guard case .scalar(let scalar) = item, let number = Double(scalar.string), (0...1).contains(number)
                    else { throw InvalidValue(reason: "has an item that is no number from 0 to 1") }
                    numbers.append(number)
                }
                guard numbers.count == 2 || (mayBeEmpty && numbers.isEmpty) else {
                    throw InvalidValue(reason: "has \(numbers.count) items")
                }
                guard numbers == numbers.sorted() else { throw InvalidValue(reason: "has the larger number first") }
                return numbers
            }, show: { "[\($0.map { "\($0)" }.joined(separator: ", "))]" })
    }
}
