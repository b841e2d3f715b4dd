package import MCP

/// Why a call of Slack's did not give what was asked. `description` is a sentence for an operator; no token stands in it.
package struct SlackError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a caller can do about it.
    package enum Kind: String, Sendable {
        /// Nothing was done, and the same call may succeed later.
        case transient
        /// Nothing was done, and the same call will fail again: its content is refused.
        case permanent
        /// Nothing was done, and nothing will be until an operator acts: the token, its scopes or the app's settings.
        case auth
        /// Slack may have done it, and nobody was told: look before repeating.
        case unknownOutcome
        /// Where it should go, or what it is about, is not there or not open to the app.
        case notThere
    }

    package let kind: Kind
    /// Slack's own word (`invalid_auth`), or one of ours where Slack said none: `unreachable`, `timeout`, `reset`,
    /// `malformed_answer`, `http_503`, `too_many_waiting`, `too_large`, `refused_address`, `no_token`.
    package let code: String
    /// The method of the Web API, or what else was done: `files.upload`, `files.download`, `response_url`, `socket`.
    package let method: String
    package let message: String
    /// Of `missing_scope`: any one of these would do.
    package let neededScopes: [String]
    /// How long Slack, or our own limit, asks to wait before the next try.
    package let retryAfter: Duration?

    package init(
        _ kind: Kind, _ code: String, method: String, _ message: String, neededScopes: [String] = [],
        retryAfter: Duration? = nil
    ) {
        self.kind = kind
        self.code = code
        self.method = method
        self.message = message
        self.neededScopes = neededScopes
        self.retryAfter = retryAfter
    }

    package var description: String { "Slack, \(method): \(message)" }
}

extension SlackError {
    /// What an answer with `ok: false` means. `isRepeatable`: whether doing the method twice is the same as once.
    package init(answer: JSONValue, method: String, isRepeatable: Bool) {
        let code = Self.word(answer["error"]?.stringValue) ?? "unknown_error"
        let needed = (answer["needed"]?.stringValue ?? "").split(separator: ",").map(String.init).compactMap(Self.word)
        var kind = Self.kinds[code] ?? .permanent
        // Slack says of these that a part of the work may have been done.
        if Self.halfDone.contains(code) { kind = isRepeatable ? .transient : .unknownOutcome }
        var sentence =
            code == "missing_scope"
            ? Self.missingScope(needed)
            : Self.sentences[code] ?? "Slack refused it (\(code))."
        let details = (answer["response_metadata"]?["messages"]?.arrayValue ?? []).compactMap(\.stringValue)
        if !details.isEmpty { sentence += " Slack says: " + Self.plain(details.joined(separator: "; ")) }
        self.init(kind, code, method: method, sentence, neededScopes: needed)
    }

    private static func missingScope(_ needed: [String]) -> String {
        let names = needed.isEmpty ? "one that this method needs" : needed.joined(separator: " or ")
        return "The app was not granted the scope \(names). Add it under OAuth & Permissions and install the app again."
    }

    /// A word as Slack's codes are, so that nothing else enters messages and logs.
    private static func word(_ text: String?) -> String? {
        guard let text, (1...80).contains(text.utf8.count),
            text.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || [95, 46, 58, 45].contains($0) })
        else { return nil }
        return text
    }

    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(300).map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    private static let halfDone: Set<String> = ["fatal_error", "internal_error", "service_unavailable"]
}
