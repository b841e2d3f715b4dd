package import Model

/// A message that is nothing but a word to the assistant's machinery. "Please stop that and look at X" is none: it has other
/// words, and they are for the model.
package enum SlackWord: Hashable, Sendable {
    case stop
    case status
    case help
    case tasks
    /// `nil`: which is it?
    case mode(Mode?)

    /// `text` is what was said, without the mention of the bot at its beginning.
    package init?(_ text: String) {
        let words = text.lowercased().split { $0.isWhitespace || ".!?,".contains($0) }.map(String.init)
        switch words {
        case ["stop"], ["cancel"]: self = .stop
        case ["status"]: self = .status
        case ["help"]: self = .help
        case ["tasks"]: self = .tasks
        case ["mode"]: self = .mode(nil)
        default:
            guard words.first == "mode", let mode = Self.modes[words.dropFirst().joined(separator: " ")] else {
                return nil
            }
            self = .mode(mode)
        }
    }

    /// By what people see. Unattended is no mode that people choose.
    static let modes: [String: Mode] = [
        "standard": .auto, "ask": .acceptEdits, "ask before commands": .acceptEdits, "read only": .readOnly,
        "read-only": .readOnly, "readonly": .readOnly,
    ]
}
