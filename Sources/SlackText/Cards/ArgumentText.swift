internal import Markdown
internal import MCP

/// The arguments of a call as people read them: texts as they are, so that a script reads like one; everything else as JSON.
struct ArgumentText {
    private let parts: [(name: String, value: String)]

    init(_ arguments: JSONValue) {
        guard let object = arguments.objectValue else {
            parts = arguments.isNull ? [] : [("", arguments.text)]
            return
        }
        parts = object.map { ($0.key, $0.value.stringValue ?? $0.value.text) }
    }

    /// More than these are left to the modal, however short they are.
    private static let mostParts = 30

    /// Whether ``elements(most:)`` leaves something out.
    func isCut(at most: Int) -> Bool {
        parts.count > Self.mostParts
            || parts.reduce(0) { $0 + Self.shown($1.value).utf16.count + $1.name.utf16.count } > most
    }

    /// Names in bold, values as code: short ones beside the name, others below. Values together have at most `most` letters.
    func elements(most: Int) -> [RichElement] {
        guard !parts.isEmpty else { return [.section([RichRun("without arguments", .italic)], isHeading: false)] }
        var left = most
        var result: [RichElement] = []
        for (name, value) in parts.prefix(Self.mostParts) {
            let cut = CutText(value, most: max(0, left - name.utf16.count))
            left -= cut.text.utf16.count + name.utf16.count
            let label = name.isEmpty ? [] : [BlockKit.words(SlackEscaping.line(name, most: 200) + ": ", .bold)]
            if cut.text.contains("\n") || cut.text.utf16.count > 120 {
                if !label.isEmpty { result.append(.section(label, isHeading: false)) }
                result.append(.code(cut.text))
            } else {
                let text = cut.text.isEmpty ? RichRun("(empty)", .italic) : RichRun(cut.text, .code)
                result.append(.section(label + [text], isHeading: false))
            }
            if left <= 0 { break }
        }
        if parts.count > Self.mostParts {
            result.append(.section([RichRun("… (\(parts.count - Self.mostParts) more arguments)")], isHeading: false))
        }
        return BlockMessage.spaced(result, gap: "\n")
    }

    /// All of it, for the modal.
    var text: String {
        parts.isEmpty
            ? "without arguments"
            : parts.map { $0.name.isEmpty ? $0.value : $0.name + ($0.value.contains("\n") ? ":\n" : ": ") + $0.value }
                .joined(separator: "\n")
    }

    private static func shown(_ value: String) -> String { VisibleText.multiline(value) }
}

/// A text of at most so many letters, cut at a line where one ends in time, with a note of what is missing.
struct CutText {
    let text: String
    let isCut: Bool

    init(_ whole: String, most: Int) {
        let shown = VisibleText.multiline(whole)
        guard shown.utf16.count > most else {
            (text, isCut) = (shown, false)
            return
        }
        let part = TextCut.split(shown, weight: max(1, most), atWords: false)
        let rest = part?.rest ?? ""
        let lines = rest.split(separator: "\n", omittingEmptySubsequences: false).count
        let note = lines > 1 ? "(\(lines) more lines)" : "(\(rest.count) more characters)"
        (text, isCut) = ((part?.first ?? "") + "\n… " + note, true)
    }
}
