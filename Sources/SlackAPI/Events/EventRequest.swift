internal import MCP

/// A request that Slack makes to the app over HTTP, once its signature is checked.
package enum EventRequest: Hashable, Sendable {
    /// Slack tries out the address: answer with status 200 and this text, as `text/plain`.
    case verification(challenge: String)
    /// Slack looks whether the address of commands has a certificate: answer with status 200 and nothing.
    case certificateCheck
    case envelope(SlackEnvelope)

    /// Why a signed request is none of the three kinds.
    package struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// How large a request may be.
    package static let mostBytes = 1 << 20

    /// `retryNumber` and `retryReason` as `X-Slack-Retry-Num` and `X-Slack-Retry-Reason` have them.
    package init(
        body: [UInt8], contentType: String?, retryNumber: String? = nil, retryReason: String? = nil
    ) throws(Malformed) {
        guard body.count <= Self.mostBytes else { throw Malformed(description: "over \(Self.mostBytes) bytes") }
        let type = (contentType ?? "").prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        switch type {
        case "application/json":
            let json = try Self.object(body, "the body")
            if json["type"]?.stringValue == "url_verification" {
                guard let challenge = json["challenge"]?.stringValue, Self.isPlain(challenge) else {
                    throw Malformed(description: "a verification without a challenge")
                }
                self = .verification(challenge: challenge)
                return
            }
            let attempt = retryNumber.flatMap { Int($0) }.flatMap { (1...100).contains($0) ? $0 : nil }
            let retry = attempt.map {
                SlackEnvelope.Retry(attempt: $0, reason: String((retryReason ?? "").prefix(100)))
            }
            self = .envelope(SlackEnvelope(.event, payload: json, retry: retry))
        case "application/x-www-form-urlencoded":
            guard let fields = FormFields.decode(body) else { throw Malformed(description: "no form") }
            self = fields["ssl_check"] == "1" ? .certificateCheck : .envelope(try Self.envelope(fields))
        default:
            throw Malformed(description: "neither JSON nor a form")
        }
    }

    /// A click comes as JSON in the field `payload`, a command as fields.
    private static func envelope(_ fields: [String: String]) throws(Malformed) -> SlackEnvelope {
        if let payload = fields["payload"] {
            return SlackEnvelope(
                .interaction, payload: try object(Array(payload.utf8), "the payload"), takesAnswer: true)
        }
        guard fields["command"] != nil else { throw Malformed(description: "a form without payload and command") }
        let members = fields.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
        return SlackEnvelope(.command, payload: JSONObject(members), takesAnswer: true)
    }

    private static func object(_ bytes: [UInt8], _ what: String) throws(Malformed) -> JSONObject {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes, limits: JSONLimits(maximumBytes: mostBytes))
        } catch {
            throw Malformed(description: "\(what) is \(error)")
        }
        guard let object = json.objectValue else { throw Malformed(description: "\(what) is no JSON object") }
        return object
    }

    /// What is sent back to whoever asks: nothing that a browser could take for a page.
    private static func isPlain(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || [45, 46, 95].contains($0)
            }
    }
}
