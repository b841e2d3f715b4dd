/// Cron expressions of every form that Debian's cron takes, with those that people write made more frequent.
struct CronGenerator {
    var random: SeededGenerator

    private static let names = [
        3: ["jan", "FEB", "Mar", "apr", "may", "JUN", "jul", "aug", "sep", "oct", "nov", "dec"],
        4: ["sun", "MON", "Tue", "wed", "thu", "fri", "sat"],
    ]
    private static let ranges = [0...59, 0...23, 1...31, 1...12, 0...7]

    mutating func expression() -> String {
        // Hours about which clocks are changed, more often than not.
        let hour = Bool.random(using: &random) ? String(Int.random(in: 0...3, using: &random)) : field(1)
        return [field(0), hour, field(2), field(3), field(4)].joined(separator: " ")
    }

    private mutating func field(_ index: Int) -> String {
        let stars = [0: 4, 1: 4, 2: 6, 3: 7, 4: 6][index] ?? 5
        if Int.random(in: 0..<10, using: &random) < stars { return star(index) }
        let count = Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 2...4, using: &random) : 1
        return (0..<count).map { _ in item(index) }.joined(separator: ",")
    }

    private mutating func star(_ index: Int) -> String {
        guard Int.random(in: 0..<3, using: &random) == 0 else { return "*" }
        return "*/\(Int.random(in: 1...Self.ranges[index].upperBound, using: &random))"
    }

    private mutating func item(_ index: Int) -> String {
        let range = Self.ranges[index]
        let first = Int.random(in: range, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            let last = Int.random(in: first...range.upperBound, using: &random)
            return "\(first)-\(last)" + step(range)
        case 1 where Self.names[index] != nil:
            return Self.names[index]?.randomElement(using: &random) ?? "1"
        default: return String(first)
        }
    }

    private mutating func step(_ range: ClosedRange<Int>) -> String {
        Bool.random(using: &random) ? "/\(Int.random(in: 1...range.upperBound, using: &random))" : ""
    }
}
