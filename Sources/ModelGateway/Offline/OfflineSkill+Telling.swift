internal import MCP

extension OfflineSkill {
    /// What came of the script's calls, in Markdown. Says so where it was picked by rule and not understood.
    func tell(_ outcomes: [OfflineConversation.Outcome], labels: [String]) -> String {
        if let failed = outcomes.firstIndex(where: \.failed) {
            let label = labels.indices.contains(failed) ? labels[failed] : outcomes[failed].tool
            return OfflineWords.show(outcomes[failed], label: label, shows: .output) + "\n\n" + OfflineWords.signature
        }
        let text =
            switch self {
            case .report: report(outcomes.first?.result ?? "")
            case .sales: sales(outcomes.first?.result ?? "", table: outcomes.last?.result ?? "")
            case .pricing: pricing(outcomes.first?.result ?? "")
            case .checklist: "I wrote `first-week.md`:\n\n" + (outcomes.last?.result ?? "").trimmedOfNewlines
            }
        return text + "\n\n" + OfflineWords.signature
    }

    /// The title, the first sentences, and lines with figures in them.
    private func report(_ text: String) -> String {
        let paragraphs = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmed }
            .split { $0.isEmpty }.map(Array.init)
        let prose = paragraphs.compactMap { lines -> String? in
            // Running text fills its lines; headings and tables do not. A heading may stand right above it.
            guard let start = lines.firstIndex(where: \.isRunningText) else { return nil }
            return lines[start...].joined(separator: " ")
        }
        let title = paragraphs.joined().prefix { !$0.isRunningText && !$0.hasFigure }.prefix(2)
        let sentences = prose.prefix(3).flatMap(\.sentences).filter { $0.count > 20 }.prefix(4)
        let rows = paragraphs.joined().filter { $0.hasFigure && !$0.isRunningText }.map(\.asRow)
        let figures = rows.filter { $0.contains("%") } + rows.filter { !$0.contains("%") }
        guard !sentences.isEmpty || !figures.isEmpty else {
            return "The report has no text to pick from:\n\n" + OfflineWords.fenced(String(text.prefix(2000)))
        }
        var parts = title.isEmpty ? [] : ["### " + title.joined(separator: ": ")]
        if !sentences.isEmpty { parts.append(sentences.joined(separator: " ")) }
        if !figures.isEmpty {
            parts.append("Figures:\n\n" + figures.prefix(6).map { "- \($0)" }.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private func sales(_ summary: String, table: String) -> String {
        let rows = table.split(whereSeparator: \.isNewline).map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }
        }.filter { $0.count == 2 }
        guard rows.count > 1 else { return OfflineWords.fenced(summary + "\n" + table) }
        var lines = ["| Region | Total |", "| --- | ---: |"]
        lines += rows.dropFirst().map { "| \($0[0]) | \($0[1]) |" }
        let first = summary.split(whereSeparator: \.isNewline).first ?? "Done"
        return "\(first).\n\n" + lines.joined(separator: "\n") + "\n\nThe table is in `sales-by-region.csv`."
    }

    /// Lines that tell of a decision first; each with where it stands.
    private func pricing(_ matches: String) -> String {
        let quotes = matches.split(whereSeparator: \.isNewline).compactMap(Quote.init)
        guard !quotes.isEmpty else {
            let text = matches.trimmedOfNewlines
            return "I found nothing about pricing in the notes."
                + (text.isEmpty ? "" : "\n\n" + OfflineWords.fenced(text))
        }
        let decided = quotes.filter(\.isDecision)
        let told = (decided.isEmpty ? quotes : decided).prefix(8)
        let head =
            decided.isEmpty ? "The notes speak of pricing here:" : "The notes record these decisions about pricing:"
        let more = quotes.count - told.count
        return head + "\n\n" + told.map { "> \($0.text)\n> — `\($0.place)`" }.joined(separator: "\n\n")
            + (more > 0 ? "\n\n\(more) more line\(more == 1 ? "" : "s") mention it." : "")
    }

    /// A line of a search: `path:12:text`.
    private struct Quote {
        let place: String
        let text: String

        init?(_ line: Substring) {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, !parts[0].isEmpty, let number = Int(parts[1].trimmed) else { return nil }
            let path =
                parts[0].hasPrefix(OfflineSkill.samples + "/")
                ? parts[0].dropFirst(OfflineSkill.samples.count + 1) : parts[0]
            place = "\(path):\(number)"
            text = parts[2].trimmed
        }

        var isDecision: Bool {
            // A heading names what is decided below it.
            guard !text.hasPrefix("#") else { return false }
            let text = place.lowercased() + " " + text.lowercased()
            return ["decid", "decision", "agreed", "we will", "we'll", "approved"].contains { text.contains($0) }
        }
    }
}

extension String {
    /// An amount or a share; a date or a number of a chapter is none.
    fileprivate var hasFigure: Bool {
        let bytes = Array(utf8)
        func isDigit(_ index: Int) -> Bool { bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index]) }
        let hasGroups = bytes.indices.contains {
            (bytes[$0] == UInt8(ascii: ",") || bytes[$0] == UInt8(ascii: ".")) && isDigit($0 - 1) && isDigit($0 + 1)
        }
        return count < 400 && bytes.indices.contains(where: isDigit) && (hasGroups || contains { "%$€£".contains($0) })
    }

    fileprivate var isRunningText: Bool {
        count > 60 && !hasPrefix("- ") && !hasPrefix("[") && !contains("   ")
    }

    /// Columns that spaces hold apart.
    fileprivate var asRow: String {
        split(separator: "  ").map { $0.trimmed }.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// Cut behind `.`, `!` or `?` that a space follows.
    fileprivate var sentences: [String] {
        var result: [String] = []
        var current = ""
        var previous: Character = " "
        for character in self {
            if character == " ", ".!?".contains(previous), !current.isEmpty {
                result.append(current)
                current = ""
            } else {
                current.append(character)
            }
            previous = character
        }
        if !current.isEmpty { result.append(current) }
        return result
    }
}
