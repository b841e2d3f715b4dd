internal import Markdown

/// How a piece of text looks. Only the program's own code chooses one; nothing in content can.
package struct Style: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let bold = Style(rawValue: 1)
    package static let dim = Style(rawValue: 2)
    package static let italic = Style(rawValue: 4)
    package static let underline = Style(rawValue: 8)
    package static let strike = Style(rawValue: 16)
    package static let red = Style(rawValue: 32)
    package static let green = Style(rawValue: 64)
    package static let yellow = Style(rawValue: 128)
    package static let cyan = Style(rawValue: 256)
    package static let magenta = Style(rawValue: 512)

    /// The numbers of a "select graphic rendition" sequence.
    fileprivate var codes: String {
        let all: [(Style, String)] = [
            (.bold, "1"), (.dim, "2"), (.italic, "3"), (.underline, "4"), (.strike, "9"), (.red, "31"),
            (.green, "32"), (.yellow, "33"), (.cyan, "36"), (.magenta, "35"),
        ]
        return all.filter { contains($0.0) }.map(\.1).joined(separator: ";")
    }
}

/// One line of output. Whatever text it is made of is made visible here, so that no way to the terminal goes around
/// ``VisibleText``; the only escape sequences ever printed are those of ``rendered(styled:)`` and the screen's own.
package struct StyledLine: Hashable, Sendable {
    package struct Span: Hashable, Sendable {
        package fileprivate(set) var text: String
        package let style: Style
    }

    package private(set) var spans: [Span] = []

    package init() {}

    package init(_ text: String, _ style: Style = []) {
        append(text, style)
    }

    package mutating func append(_ text: String, _ style: Style = []) {
        guard !text.isEmpty else { return }
        appendVisible(VisibleText.line(text), style)
    }

    package mutating func append(_ line: StyledLine) {
        for span in line.spans { appendVisible(span.text, span.style) }
    }

    /// Re-uses text that has been through ``VisibleText`` already: parts of another line.
    mutating func append(part character: Character, _ style: Style) {
        appendVisible(String(character), style)
    }

    private mutating func appendVisible(_ text: String, _ style: Style) {
        if let last = spans.indices.last, spans[last].style == style {
            spans[last].text += text
        } else {
            spans.append(Span(text: text, style: style))
        }
    }

    package static func + (left: StyledLine, right: StyledLine) -> StyledLine {
        var result = left
        result.append(right)
        return result
    }

    package var plain: String { spans.map(\.text).joined() }
    package var width: Int { spans.reduce(0) { $0 + DisplayWidth.of($1.text) } }
    package var isEmpty: Bool { spans.isEmpty }

    /// The same text, with `style` added everywhere.
    package func adding(_ style: Style) -> StyledLine {
        var result = StyledLine()
        for span in spans { result.appendVisible(span.text, span.style.union(style)) }
        return result
    }

    /// The bytes for a terminal; without escape sequences where `styled` is false (no terminal, or `NO_COLOR`).
    package func rendered(styled: Bool) -> String {
        guard styled else { return plain }
        return spans.reduce(into: "") { result, span in
            let codes = span.style.codes
            result += codes.isEmpty ? span.text : "\u{1B}[\(codes)m\(span.text)\u{1B}[0m"
        }
    }

    /// Lines of a text with line feeds; tabs become four spaces.
    package static func lines(of text: String, _ style: Style = []) -> [StyledLine] {
        VisibleText.multiline(text).split(separator: "\n", omittingEmptySubsequences: false).map {
            StyledLine(String($0).replacing("\t", with: "    "), style)
        }
    }
}
