/// Looks for words in what was said, in time linear in it. Case does not count.
enum Spoken {
    private static let greetings: Set<String> = ["hey", "hi", "hello", "ok", "okay", "dear", "yo"]

    /// Whether the text begins by calling `name`, with a greeting before it or without: "Hey Bulkhead, …".
    static func isAddressed(to name: String, _ text: String) -> Bool {
        let (said, called) = (words(text, limit: 64), words(name, limit: 60))
        guard !called.isEmpty else { return false }
        if said.starts(with: called) { return true }
        guard let first = said.first, greetings.contains(first) else { return false }
        return said.dropFirst().starts(with: called)
    }

    /// Whether the words of `phrase` stand in the text, one after the other.
    static func has(_ phrase: String, _ text: String) -> Bool {
        let (said, wanted) = (words(text, limit: 4000), words(phrase, limit: 60))
        guard !wanted.isEmpty, said.count >= wanted.count else { return false }
        return (0...(said.count - wanted.count)).contains { said[$0...].starts(with: wanted) }
    }

    private static func words(_ text: String, limit: Int) -> [String] {
        text.split(maxSplits: limit) { !$0.isLetter && !$0.isNumber }.prefix(limit).map { $0.lowercased() }
    }
}
