internal import Foundation
internal import Model
internal import ModelGateway
internal import Settings

/// Which models serve which tier, from the settings and from whether there is a key.
struct GatewayPlan {
    let configuration: GatewayConfiguration
    /// What people are told answers them.
    let description: String

    /// Throws where a tier asks for a server that no setting names.
    init(_ settings: ModelSettings, key: ModelKey) throws {
        var providers: [String: ProviderConfiguration] = [
            "anthropic": .anthropic(Self.anthropic(settings.anthropicURL, settings) { try key.read() }),
            "offline": .offline,
        ]
        if !settings.openAIURL.isEmpty {
            providers["openai"] = .openAI(Self.openAI(settings.openAIURL, file: settings.openAIKeyFile, settings))
        }
        let hasKey = try key.read() != nil
        let tiers: [(ModelTier, ModelSettings.Tier)] = [
            (.fast, settings.fast), (.balanced, settings.balanced), (.best, settings.best),
        ]
        var targets: [ModelTier: [ModelTarget]] = [:]
        for (tier, chosen) in tiers {
            targets[tier] =
                chosen.targets.isEmpty
                ? [Self.only(chosen, hasKey: hasKey)] : chosen.targets.map { Self.target($0, settings, &providers) }
            for target in targets[tier] ?? [] where providers[target.provider] == nil {
                throw StartError(
                    "The tier \(tier.rawValue) is to be served by openai, but model.openai.url names no server.")
            }
        }
        var configuration = GatewayConfiguration(targets: targets, providers: providers)
        configuration.unknownModels = settings.unknownPrices == .refuse ? .refuse : .dearest
        configuration.prices = try Self.prices(settings.pricesFile)
        self.configuration = configuration
        description = targets[.balanced]?.first?.provider ?? "offline"
    }

    private static func prices(_ file: String) throws -> PriceBook {
        guard !file.isEmpty else { return .shipped }
        do {
            let bytes = try Data(contentsOf: URL(filePath: file))
            return PriceBook.shipped.overridden(by: try PriceBook(json: Array(bytes)))
        } catch let error as PriceBookError {
            throw StartError("The price book \(file) \(error).", exitStatus: 78)
        } catch {
            throw StartError("The price book \(file) cannot be read.", exitStatus: 78)
        }
    }

    private static func only(_ tier: ModelSettings.Tier, hasKey: Bool) -> ModelTarget {
        switch tier.provider {
        case .anthropic: ModelTarget(provider: "anthropic", model: tier.model)
        case .auto where hasKey: ModelTarget(provider: "anthropic", model: tier.model)
        case .openai: ModelTarget(provider: "openai", model: tier.model)
        case .auto, .offline: .offline
        }
    }

    private static func target(
        _ chosen: ModelSettings.Target, _ settings: ModelSettings, _ providers: inout [String: ProviderConfiguration]
    ) -> ModelTarget {
        var target = ModelTarget(provider: provider(chosen, settings, &providers), model: chosen.model)
        target.labels = chosen.labels
        target.channels = chosen.channels
        target.seesImages = chosen.images
        target.usesTools = chosen.tools
        target.contextTokens = chosen.contextTokens
        target.outputTokens = chosen.outputTokens
        target.price = chosen.price
        return target
    }

    /// Its name. A target with an address or a key of its own has a provider of its own, known by them.
    private static func provider(
        _ chosen: ModelSettings.Target, _ settings: ModelSettings, _ providers: inout [String: ProviderConfiguration]
    ) -> String {
        let plain = chosen.provider.rawValue
        guard chosen.provider != .offline, !chosen.url.isEmpty || !chosen.keyFile.isEmpty else { return plain }
        let isOpenAI = chosen.provider == .openai
        let url = !chosen.url.isEmpty ? chosen.url : isOpenAI ? settings.openAIURL : settings.anthropicURL
        // Asking for a key of its own at no address is the mistake that the caller tells of.
        guard !url.isEmpty else { return plain }
        let file = chosen.keyFile
        let keyName = file.split(separator: "/").last.map { " (\($0))" } ?? ""
        let name = "\(plain) at \(url)\(keyName)"
        // Another server's key is not this one's: without a file none is sent.
        providers[name] =
            isOpenAI
            ? .openAI(openAI(url, file: file, settings))
            : .anthropic(anthropic(url, settings) { file.isEmpty ? nil : try ModelKey(file: file).read() })
        return name
    }

    private static func anthropic(
        _ url: String, _ settings: ModelSettings, key: @escaping @Sendable () async throws -> ProviderKey?
    ) -> AnthropicConfiguration {
        var configuration = AnthropicConfiguration(baseURL: url, key: key)
        configuration.limits.streamIdle = settings.silence
        return configuration
    }

    private static func openAI(_ url: String, file: String, _ settings: ModelSettings) -> OpenAIConfiguration {
        var configuration = OpenAIConfiguration(baseURL: url) {
            guard !file.isEmpty else { return nil }
            guard let key = try ModelKey(file: file).text() else {
                throw StartError("There is no key in \(file), which the settings name for the model at \(url).")
            }
            return key
        }
        configuration.limits.streamIdle = settings.silence
        return configuration
    }
}
