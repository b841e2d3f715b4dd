extension OfflineCommand {
    /// What the harness tells an agent when a person has answered a question of before: these words and a paragraph for
    /// models, what was decided, and what came back between two equal lines. The offline model hands on the latter two.
    init?(answeredQuestion text: String) {
        guard text.hasPrefix("[A question to a person has been answered]") else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 4, let mark = lines.last, lines[2] == mark else { return nil }
        let result = lines[3..<(lines.count - 1)].joined(separator: "\n")
        self = .say("\(lines[1])\n\n\(OfflineWords.fenced(result))")
    }
}
