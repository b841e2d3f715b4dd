internal import MCP
package import Model

/// One model a tier's calls may go to, and what may be given to it.
package struct ModelTarget: Hashable, Sendable {
    /// What is known of a target's health is known by this, whichever tiers name it.
    struct ID: Hashable, Sendable {
        var provider: String
        var model: String
    }

    /// A key of `GatewayConfiguration.providers`.
    package var provider: String
    /// The provider's own name for the model.
    package var model: String
    /// What the company trusts the provider with: the labels of the sessions that may speak to it.
    package var labels: Labels = [.untrusted, .private]
    /// The channels whose sessions may speak to it, each by its id or by the beginning of one and a `*`; `nil`: all.
    package var channels: [String]?
    package var seesImages = true
    package var usesTools = true
    /// Tokens of a request at most; `nil`: as many as the provider takes.
    package var contextTokens: Int?
    /// Tokens of an answer at most, for providers to which requests are translated: more is not asked for.
    package var outputTokens: Int?
    /// The name under which the price book has it, `free` for what costs nothing; `nil`: the model's own.
    package var price: String?

    package init(provider: String, model: String) {
        self.provider = provider
        self.model = model
    }

    var id: ID { ID(provider: provider, model: model) }

    /// Every session may speak to it, whatever it asks.
    var takesEverything: Bool {
        takesEverySession && seesImages && usesTools && contextTokens == nil
    }

    var takesEverySession: Bool { labels == [.untrusted, .private] && channels == nil }
}

/// What of a call decides to which targets it may go.
struct CallNeeds: Sendable {
    /// Of its session, by now.
    var labels: Labels
    var channel: ChannelID
    var hasImages = false
    var hasTools = false
    /// As estimated.
    var tokens: Int64 = 0
}

/// Why a call may not go to a target.
enum TargetObstacle: Hashable, Sendable {
    /// The company does not trust the provider with what the session has seen, or where it is.
    case trust
    case images, tools, length
}

extension ModelTarget {
    /// Trust comes first: nothing about a call is weighed for a provider that may not see it.
    func obstacle(to call: CallNeeds) -> TargetObstacle? {
        guard labels.isSuperset(of: call.labels), mayServe(call.channel) else { return .trust }
        if call.hasTools, !usesTools { return .tools }
        if call.hasImages, !seesImages { return .images }
        if let contextTokens, call.tokens > Int64(contextTokens) { return .length }
        return nil
    }

    func mayServe(_ channel: ChannelID) -> Bool {
        guard let channels else { return true }
        return channels.contains { pattern in
            pattern.hasSuffix("*") ? channel.rawValue.hasPrefix(pattern.dropLast()) : pattern == channel.rawValue
        }
    }
}

extension CallNeeds {
    /// Of a request that was checked. A part of a request that this does not know is weighed as text.
    init(_ request: MessagesRequest, labels: Labels, channel: ChannelID) {
        self.init(labels: labels, channel: channel)
        hasTools = request.content["tools"]?.arrayValue?.isEmpty == false
        var imageBytes = 0
        var images = 0
        func look(_ content: JSONValue?) {
            for block in content?.arrayValue ?? [] {
                if block["type"]?.stringValue == "image" {
                    images += 1
                    imageBytes += block["source"]?["data"]?.stringValue?.utf8.count ?? 0
                } else {
                    look(block["content"])
                    look(block["source"]?["content"])
                }
            }
        }
        for message in request.content["messages"]?.arrayValue ?? [] { look(message["content"]) }
        hasImages = images > 0
        tokens =
            TokenEstimate.tokens(bytes: max(0, request.size - imageBytes))
            + Int64(images) * TokenEstimate.tokensPerImage
    }
}
