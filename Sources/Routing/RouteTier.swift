/// The tiers the router chooses among, the cheapest first.
package enum RouteTier: String, CaseIterable, Comparable, Hashable, Sendable {
    case fast, balanced, best

    package static func < (left: RouteTier, right: RouteTier) -> Bool { left.rank < right.rank }

    /// 0 for the cheapest.
    package var rank: Int {
        switch self {
        case .fast: 0
        case .balanced: 1
        case .best: 2
        }
    }

    /// The next dearer one; the dearest stays.
    package var raised: RouteTier { self == .fast ? .balanced : .best }

    /// The next cheaper one; the cheapest stays.
    package var lowered: RouteTier { self == .best ? .balanced : .fast }
}
