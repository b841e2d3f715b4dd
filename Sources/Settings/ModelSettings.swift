package import Model

package struct ModelSettings: Sendable, Equatable {
    package enum Provider: String, Sendable, CaseIterable {
        /// Anthropic where the key file holds a key when the daemon starts, else the offline model.
        case auto
        case anthropic
        /// A server of the chat completions API.
        case openai
        case offline
    }

    /// What becomes of calls to a model that the price book does not have.
    package enum UnknownPrices: String, Sendable, CaseIterable {
        case dearest, refuse
    }

    package struct Tier: Sendable, Equatable {
        package internal(set) var provider = Provider.auto
        package internal(set) var model: String
        /// Where there are any, provider and model above say nothing.
        package internal(set) var targets: [Target] = []
    }

    /// One model of a tier's list, in the operator's order.
    package struct Target: Sendable, Equatable {
        /// Never `auto`.
        package internal(set) var provider: Provider
        package internal(set) var model: String
        /// What its provider is trusted with.
        package internal(set) var labels: Labels
        /// `nil`: all.
        package internal(set) var channels: [String]?
        /// Empty: the provider's own setting.
        package internal(set) var url = ""
        package internal(set) var keyFile = ""
        package internal(set) var images = true
        package internal(set) var tools = true
        package internal(set) var contextTokens: Int?
        package internal(set) var outputTokens: Int?
        /// `nil`: the model's own.
        package internal(set) var price: String?
    }

    package internal(set) var fast = Tier(model: "claude-haiku-4-5")
    package internal(set) var balanced = Tier(model: "claude-sonnet-4-6")
    package internal(set) var best = Tier(model: "claude-opus-4-6")
    package internal(set) var anthropicURL = "https://api.anthropic.com"
    package internal(set) var keyFile = ""
    /// Empty: none.
    package internal(set) var openAIURL = ""
    /// Empty: the server wants no key.
    package internal(set) var openAIKeyFile = ""
    /// Empty: the shipped prices alone.
    package internal(set) var pricesFile = ""
    package internal(set) var unknownPrices = UnknownPrices.dearest
    package internal(set) var silence = Duration.seconds(120)
}

func isModelName(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count)
        && text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".:_/@-".utf8.contains(byte)
            }
        }
}

/// The address of a model's API: what a path is added to.
func isModelURL(_ text: String) -> Bool {
    let isHTTP = text.hasPrefix("https://") || text.hasPrefix("http://")
    return isHTTP && !text.hasSuffix("/") && !text.contains { $0.isWhitespace || $0 == "@" || $0 == "?" }
}
