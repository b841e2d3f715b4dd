package import MCP
internal import Model
internal import NIOHTTP1

extension ModelGateway {
    /// What may come in at a session's model door, and what may not: the very lists requests are checked against.
    package static func doorSurface(_ configuration: GatewayConfiguration) -> JSONObject {
        func sorted(_ names: some Sequence<String>) -> JSONValue { .array(names.sorted().map { .string($0) }) }
        var tiers: JSONObject = [:]
        for (tier, targets) in configuration.targets.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            tiers[tier.rawValue] = .array(targets.map(\.surface))
        }
        var providers: JSONObject = [:]
        for (name, provider) in configuration.providers.sorted(by: { $0.key < $1.key }) {
            switch provider {
            case .offline: providers[name] = "nowhere"
            case .anthropic(let anthropic): providers[name] = .string(anthropic.baseURL)
            case .openAI(let server): providers[name] = .string(server.baseURL)
            }
        }
        return [
            "requests": sorted(RequestTarget.allCases.map { "\($0.method.rawValue) \($0.rawValue)" }),
            "fields_checked": sorted(RequestPolicy.CheckedField.allCases.map(\.rawValue)),
            "fields_passed": sorted(RequestPolicy.ownFields), "fields_refused": sorted(RequestPolicy.stateful),
            "names_refused_anywhere": sorted(RequestPolicy.pointing),
            "betas_granted": sorted(configuration.grantedBetas), "tiers": .object(tiers),
            "providers": .object(providers),
        ]
    }
}

extension ModelTarget {
    /// Where calls go, and what may be told there.
    fileprivate var surface: JSONValue {
        [
            "provider": .string(provider), "model": .string(model), "labels": .array(labels.names.map { .string($0) }),
            "channels": channels.map { .array($0.map { .string($0) }) } ?? "all",
        ]
    }
}
