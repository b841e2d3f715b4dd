internal import Conversations
internal import Model
internal import Store

// Two words that mean something by themselves in a direct conversation.
extension SlackEventHandler {
    /// `new` begins a new conversation; `link CODE` makes the account one of whoever was given the code.
    func takesCommand(_ message: SlackUtterance, by user: SlackAccount) async throws -> Bool {
        let words = message.text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        switch words.first {
        case "new" where words.count == 1 && message.files.isEmpty && message.thread == nil:
            try await database.endSlackThread("", in: message.channel)
            await courtesy.tell(user.id, "What you say next begins a new conversation.", in: message)
            return true
        case "link" where words.count == 2 && Self.looksLikeCode(words[1]):
            let sentence: String
            do {
                sentence = try await parts.people.link(user, by: words[1])
            } catch let error as ChatError {
                sentence = error.message
            }
            await courtesy.tell(user.id, sentence, in: message)
            return true
        default: return false
        }
    }

    /// Ten letters or digits, with the dash or without.
    private static func looksLikeCode(_ word: String) -> Bool {
        word.filter { $0.isLetter || $0.isNumber }.count == 10
            && word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
    }
}
