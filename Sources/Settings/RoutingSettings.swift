/// Which tier turns get.
package struct RoutingSettings: Sendable, Equatable {
    package enum Tier: String, Sendable, CaseIterable {
        case fast, balanced, best
    }

    package enum Requests: String, Sendable, CaseIterable {
        case everybody, admins, named, nobody
    }

    /// From which score on `balanced`, and `best`, is taken.
    package internal(set) var thresholds = [0.2, 0.85]
    /// Empty: no candidate is tried.
    package internal(set) var shadow: [Double] = []
    package internal(set) var highest = Tier.best
    package internal(set) var requests = Requests.admins
    package internal(set) var named: [String] = []
}
