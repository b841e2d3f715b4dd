/// A token of Slack's. Whoever prints it gets its kind alone.
package struct SlackToken: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    package enum Kind: String, Sendable {
        /// Calls methods as the app's bot.
        case bot = "xoxb-"
        /// Opens Socket Mode connections.
        case app = "xapp-"
    }

    package let kind: Kind
    /// For the header of a request alone.
    let value: String

    /// The surrounding space of a file or of a paste does not count. Nil unless it has a bot's or an app's form: its prefix,
    /// then letters, digits, `-`, `.` and `_`, at most 512 bytes.
    package init?(_ text: String) {
        let text = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        guard let kind = [Kind.bot, .app].first(where: { text.hasPrefix($0.rawValue) }),
            (kind.rawValue.utf8.count + 8...512).contains(text.utf8.count), text.utf8.allSatisfy(Self.isPlain)
        else { return nil }
        self.kind = kind
        value = text
    }

    /// For writing it where it is kept.
    package var secret: String { value }

    package var description: String { kind.rawValue + "…" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
