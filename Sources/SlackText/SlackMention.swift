/// Whom a message calls, or the channel that it names.
package enum SlackMention: Hashable, Sendable {
    case user(String)
    case userGroup(String)
    case channel(String)
    case broadcast(Broadcast)

    package enum Broadcast: String, Hashable, Sendable {
        case here, channel, everyone
    }

    /// What stands between `<` and `>` in Slack's mark-up, without a label; `nil` where that is no mention.
    init?(token: some StringProtocol) {
        let head = token.prefix { $0 != "|" }
        guard let sign = head.first else { return nil }
        let rest = head.dropFirst()
        switch sign {
        case "@" where Self.isIdentifier(rest): self = .user(String(rest))
        case "#" where Self.isIdentifier(rest): self = .channel(String(rest))
        case "!" where rest.hasPrefix("subteam^"):
            let group = rest.dropFirst("subteam^".count)
            guard Self.isIdentifier(group) else { return nil }
            self = .userGroup(String(group))
        case "!":
            guard let range = Broadcast(rawValue: String(rest)) else { return nil }
            self = .broadcast(range)
        default: return nil
        }
    }

    static func isIdentifier(_ text: some StringProtocol) -> Bool {
        (2...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }
    }

    /// As it is written in a `text`. Calls whoever it names.
    var token: String {
        switch self {
        case .user(let id): "<@\(id)>"
        case .userGroup(let id): "<!subteam^\(id)>"
        case .channel(let id): "<#\(id)>"
        case .broadcast(let range): "<!\(range.rawValue)>"
        }
    }

    /// Pieces of a text in which mentions are written as tokens: those that `isAllowed`, and all the rest as it stands.
    static func pieces(
        of text: String, where isAllowed: (SlackMention) -> Bool
    ) -> [(text: String, mention: SlackMention?)] {
        var result: [(String, SlackMention?)] = []
        var plain = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "<") {
            plain += rest[..<open]
            let inner = rest[rest.index(after: open)...].prefix(120)
            if let close = inner.firstIndex(where: { $0 == ">" || $0 == "<" }), inner[close] == ">",
                let mention = SlackMention(token: inner[..<close]), isAllowed(mention)
            {
                if !plain.isEmpty { result.append((plain, nil)) }
                plain = ""
                result.append((mention.token, mention))
                rest = rest[rest.index(after: close)...]
            } else {
                plain += "<"
                rest = rest[rest.index(after: open)...]
            }
        }
        plain += rest
        if !plain.isEmpty { result.append((plain, nil)) }
        return result
    }
}
