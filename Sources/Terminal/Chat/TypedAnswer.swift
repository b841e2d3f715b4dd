internal import Markdown
internal import Model

/// What a person types under an approval's card.
enum TypedAnswer: Hashable {
    /// `nil`: this once.
    case allow(GrantScope?)
    case deny(reason: String?)

    /// `nil` where it is no answer to that question: only a plain word allows, and only what was offered.
    init?(_ line: String, offered: [GrantScope]) {
        let words = line.trimmed().split(separator: " ", maxSplits: 1).map(String.init)
        let reason = words.count == 2 ? words[1].trimmed() : nil
        switch (words.first?.lowercased(), reason) {
        case ("y", nil), ("yes", nil): self = .allow(nil)
        case ("c", nil): self = .allow(.conversation)
        case ("h", nil): self = .allow(.channel)
        case ("e", nil): self = .allow(.company)
        case (nil, _): self = .deny(reason: nil)
        case ("n", let reason), ("no", let reason): self = .deny(reason: reason)
        default: return nil
        }
        if case .allow(let scope?) = self, !offered.contains(scope) { return nil }
    }

    /// `y/c/N`, of what is offered.
    static func keys(_ offered: [GrantScope]) -> String {
        (["y"] + offered.map(\.key) + ["N"]).joined(separator: "/")
    }

    /// One line that says what each key does.
    static func help(_ offered: [GrantScope], isExact: Bool) -> String {
        let rest = offered.map { scope in
            switch scope {
            case .conversation: "c for this conversation" + (isExact ? " (these very arguments)" : "")
            case .channel: "h always here"
            case .company: "e for the company"
            }
        }
        return (["y allows it once"] + rest + ["n denies, n REASON also tells the assistant why"]).joined(
            separator: ", ")
    }
}

extension GrantScope {
    fileprivate var key: String {
        switch self {
        case .conversation: "c"
        case .channel: "h"
        case .company: "e"
        }
    }

    /// Where it holds, behind "allowed".
    var inWords: String {
        switch self {
        case .conversation: "for this conversation"
        case .channel: "always here"
        case .company: "for the company"
        }
    }
}
