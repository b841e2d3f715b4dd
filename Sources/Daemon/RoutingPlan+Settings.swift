internal import Conversations
internal import Model
internal import ModelGateway
internal import Routing
internal import Settings

extension RoutingPlan {
    /// `prices`: of what each tier asks first.
    init(_ settings: Settings, prices: [RouteTier: SwitchPrices.Model]) {
        // Checked when they were read.
        let thresholds = Self.thresholds(settings.routing.thresholds) ?? .standard
        self.init(
            policy: RoutePolicy(
                thresholds: thresholds, shadow: Self.thresholds(settings.routing.shadow),
                highest: RouteTier(rawValue: settings.routing.highest.rawValue) ?? .best,
                sparesRequests: settings.budgets.throttleSparesRequests),
            requests: Requests(rawValue: settings.routing.requests.rawValue) ?? .nobody,
            named: Set(settings.routing.named), prices: prices)
    }

    private static func thresholds(_ numbers: [Double]) -> RouteThresholds? {
        guard numbers.count == 2 else { return nil }
        return RouteThresholds(balanced: numbers[0], best: numbers[1])
    }
}

extension GatewayConfiguration {
    /// What a tier's first model costs now; a tier whose model has no price is missing.
    func switchPrices(at time: Timestamp) -> [RouteTier: SwitchPrices.Model] {
        var prices: [RouteTier: SwitchPrices.Model] = [:]
        for tier in RouteTier.allCases {
            guard let target = targets[ModelTier(tier)]?.first else { continue }
            prices[tier] = price(of: target, at: time).map {
                SwitchPrices.Model(
                    input: $0.rates.input, cacheWrite: $0.rates.cacheWrite5m, cacheRead: $0.rates.cacheRead,
                    output: $0.rates.output)
            }
        }
        return prices
    }
}
