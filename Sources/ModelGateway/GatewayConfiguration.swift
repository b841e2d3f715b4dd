package import Model

/// What goes where. Read once, by whoever builds the gateway.
package struct GatewayConfiguration: Sendable {
    /// Of each tier, in the order in which they are asked.
    package var targets: [ModelTier: [ModelTarget]]
    package var providers: [String: ProviderConfiguration]
    package var prices: PriceBook = .shipped
    package var unknownModels = UnknownModels.dearest
    package var limits = GatewayLimits()
    /// What agents may put into `anthropic-beta`. Each was checked to neither make the provider reach out, nor keep
    /// state, nor change what a token costs.
    package var grantedBetas: Set<String> = Self.harmlessBetas

    package init(targets: [ModelTier: [ModelTarget]], providers: [String: ProviderConfiguration]) {
        self.targets = targets
        self.providers = providers
    }

    /// What becomes of calls to a model that the price book does not know.
    package enum UnknownModels: String, CaseIterable, Sendable {
        /// They are billed at the highest price of each kind of token that it has.
        case dearest
        /// They are not made.
        case refuse
    }

    /// What a call to it costs at the time; `nil` where nobody knows, and it is not to be made.
    package func price(of target: ModelTarget, at time: Timestamp) -> ModelPrice? {
        if target.price == "free" { return .free }
        if let price = prices.price(of: target.price ?? target.model, at: time) { return price }
        if case .offline = providers[target.provider] { return .free }
        return unknownModels == .dearest ? prices.dearest : nil
    }

    /// One target a tier.
    package init(tiers: [ModelTier: ModelTarget], providers: [String: ProviderConfiguration]) {
        self.init(targets: tiers.mapValues { [$0] }, providers: providers)
    }

    package static let harmlessBetas: Set<String> = [
        "fine-grained-tool-streaming-2025-05-14", "interleaved-thinking-2025-05-14",
        "model-context-window-exceeded-2025-08-26", "output-128k-2025-02-19", "prompt-caching-2024-07-31",
        "extended-cache-ttl-2025-04-11", "structured-outputs-2025-11-13", "token-efficient-tools-2025-02-19",
        "token-counting-2024-11-01", "pdfs-2024-09-25",
    ]

    /// Every tier is the built-in offline model: needs no key and reaches nothing.
    package static let offline = GatewayConfiguration(
        tiers: [.fast: .offline, .balanced: .offline, .best: .offline], providers: ["offline": .offline])

    /// Every tier goes to Anthropic (or to whatever speaks its API at `baseURL`).
    package static func anthropic(
        _ configuration: AnthropicConfiguration, fast: String? = nil, balanced: String? = nil, best: String? = nil
    ) -> GatewayConfiguration {
        GatewayConfiguration(
            tiers: [
                .fast: ModelTarget(provider: "anthropic", model: fast ?? "claude-haiku-4-5"),
                .balanced: ModelTarget(provider: "anthropic", model: balanced ?? "claude-sonnet-4-6"),
                .best: ModelTarget(provider: "anthropic", model: best ?? "claude-opus-4-6"),
            ], providers: ["anthropic": .anthropic(configuration)])
    }
}

extension ModelTarget {
    package static let offline = ModelTarget(provider: "offline", model: OfflineModel.name)
}

package enum ProviderConfiguration: Sendable {
    case anthropic(AnthropicConfiguration)
    case openAI(OpenAIConfiguration)
    case offline
}

package enum ProviderKey: Sendable {
    /// Sent as `x-api-key`.
    case apiKey(String)
    /// Sent as `Authorization: Bearer`.
    case bearer(String)

    /// What an operator pasted: OAuth tokens are known by their prefix, all else is an API key.
    package init(text: String) {
        self = text.hasPrefix("sk-ant-oat") ? .bearer(text) : .apiKey(text)
    }
}

package struct AnthropicConfiguration: Sendable {
    /// Without `/v1/messages`; a path in front of it is kept.
    package var baseURL: String
    /// Asked for each call, so that a changed key works at once; `nil` means that none is set.
    package var key: @Sendable () async throws -> ProviderKey?
    package var limits = UpstreamLimits()

    package init(
        baseURL: String = "https://api.anthropic.com", key: @escaping @Sendable () async throws -> ProviderKey?
    ) {
        self.baseURL = baseURL
        self.key = key
    }
}

/// A server that speaks the chat completions API: Ollama, vLLM, llama.cpp, a gateway.
package struct OpenAIConfiguration: Sendable {
    /// With its version, without `/chat/completions`: `http://127.0.0.1:11434/v1`.
    package var baseURL: String
    /// Asked for each call, and sent as a bearer token; `nil` where the server wants none.
    package var key: @Sendable () async throws -> String?
    package var limits = UpstreamLimits()

    package init(baseURL: String, key: @escaping @Sendable () async throws -> String?) {
        self.baseURL = baseURL
        self.key = key
    }
}

/// How long a provider is waited for, how often it is asked, how much it may say.
package struct UpstreamLimits: Sendable {
    /// Beyond the first attempt.
    package var maximumRetries = 4
    package var connectDeadline: Duration = .seconds(10)
    /// Between two whole events of a stream; a provider sends a `ping` or a piece of its answer every few seconds.
    package var streamIdle: Duration = .seconds(120)
    /// For an answer that comes in one piece.
    package var wholeAnswer: Duration = .seconds(600)
    package var maximumAnswerBytes = 64 << 20
    /// A `retry-after` above this is told to the client instead of waited for.
    package var longestRetryWait: Duration = .seconds(60)

    package init() {}
}
