package import Routing

/// How turns get their tiers: the operator's policy, who may ask for one, and what the tiers cost.
package struct RoutingPlan: Sendable {
    /// Who gets a tier because they ask for it. Others get no more than the router gives.
    package enum Requests: String, CaseIterable, Sendable {
        case everybody, admins
        /// Those that the settings name, and admins.
        case named
        case nobody
    }

    package var policy: RoutePolicy
    package var requests: Requests
    package var named: Set<String>
    /// Of the model that a tier asks first; a tier that is missing is not known.
    package var prices: [RouteTier: SwitchPrices.Model]

    package init(
        policy: RoutePolicy = RoutePolicy(), requests: Requests = .admins, named: Set<String> = [],
        prices: [RouteTier: SwitchPrices.Model] = [:]
    ) {
        self.policy = policy
        self.requests = requests
        self.named = named
        self.prices = prices
    }
}
