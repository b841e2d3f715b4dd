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
            targets[tier] =
                switch chosen.provider {
                case .anthropic: ModelTarget(provider: "anthropic", model: chosen.model)
                case .auto where hasKey: ModelTarget(provider: "anthropic", model: chosen.model)
                case .openai: ModelTarget(provider: "openai", model: chosen.model)
                case .auto, .offline: .offline
                }
        }
        var anthropic = AnthropicConfiguration(baseURL: settings.anthropicURL) { try key.read() }
        anthropic.limits.streamIdle = settings.silence
        var providers: [String: ProviderConfiguration] = ["anthropic": .anthropic(anthropic), "offline": .offline]
        if !settings.openAIURL.isEmpty { providers["openai"] = .openAI(Self.openAI(settings)) }
        configuration = GatewayConfiguration(tiers: targets, providers: providers)
        description = targets[.balanced]?.provider ?? "offline"
    }

    private static func openAI(_ settings: ModelSettings) -> OpenAIConfiguration {
        let file = settings.openAIKeyFile
        var server = OpenAIConfiguration(baseURL: settings.openAIURL) {
            guard !file.isEmpty else { return nil }
            guard let key = try ModelKey(file: file).text() else {
                throw StartError("There is no key in \(file), which model.openai.key_file names.")
            }
            return key
        }
        server.limits.streamIdle = settings.silence
        return server
    }
}
