internal import ModelGateway
internal import Settings

/// Which provider serves which tier, from the settings and from whether there is a key.
struct GatewayPlan {
    let configuration: GatewayConfiguration
    /// What people are told answers them.
    let description: String

    init(_ settings: ModelSettings, key: ModelKey) throws {
        let hasKey = try key.read() != nil
        let tiers: [(ModelTier, ModelSettings.Tier)] = [
            (.fast, settings.fast), (.balanced, settings.balanced), (.best, settings.best),
        ]
        var targets: [ModelTier: ModelTarget] = [:]
        for (tier, chosen) in tiers {
            let isAnthropic = chosen.provider == .anthropic || (chosen.provider == .auto && hasKey)
            targets[tier] =
                isAnthropic
                ? ModelTarget(provider: "anthropic", model: chosen.model)
                : ModelTarget(provider: "offline", model: "offline")
        }
        var anthropic = AnthropicConfiguration(baseURL: settings.anthropicURL) { try key.read() }
        anthropic.streamIdle = settings.silence
        configuration = GatewayConfiguration(
            tiers: targets, providers: ["anthropic": .anthropic(anthropic), "offline": .offline])
        description = targets[.balanced]?.provider ?? "offline"
    }
}
