internal import Store

/// What of the clicks is under way, and whose: as a value, which says whether one more may begin.
struct ClickLoad: Sendable {
    private let options: SlackClicks.Options
    private var lanes: Set<String> = []
    private var people: [String: Int] = [:]
    private var outsiders = 0

    init(_ options: SlackClicks.Options) { self.options = options }

    /// False where it has to wait. One card's go one after the other; nobody's, and least of all those of accounts that are
    /// nobody's here, take all the room there is.
    mutating func take(_ click: SlackClickRecord) -> Bool {
        guard lanes.count < options.parallel, !lanes.contains(click.lane),
            people[click.account, default: 0] < options.ofOne, click.isKnown || outsiders < options.ofOutsiders
        else { return false }
        lanes.insert(click.lane)
        people[click.account, default: 0] += 1
        if !click.isKnown { outsiders += 1 }
        return true
    }

    mutating func leave(_ click: SlackClickRecord) {
        lanes.remove(click.lane)
        people[click.account, default: 1] -= 1
        if people[click.account] == 0 { people[click.account] = nil }
        if !click.isKnown { outsiders -= 1 }
    }
}
