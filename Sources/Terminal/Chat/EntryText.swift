/// A stored line of the transcript as it stands in a terminal.
package enum EntryText {
    package static func header(_ entry: Entry, isOwn: Bool) -> StyledLine {
        switch entry.kind {
        case .user: StyledLine(isOwn ? "› " : entry.author + " › ", [.bold, .cyan])
        case .assistant: StyledLine(entry.author, [.bold, .magenta])
        case .notice: StyledLine("! ", [.bold, .yellow])
        }
    }

    package static func body(_ entry: Entry, isOwn: Bool, width: Int) -> [StyledLine] {
        let header = header(entry, isOwn: isOwn)
        switch entry.kind {
        case .assistant:
            return [header] + MarkdownStream.render(entry.text, width: width)
        case .user, .notice:
            let style: Style = entry.kind == .notice ? .yellow : []
            let indent = StyledLine("  ")
            return StyledLine.lines(of: entry.text, style).enumerated().flatMap { index, line in
                ((index == 0 ? header : indent) + line).wrapped(to: width, indent: indent)
            }
        }
    }

    /// `firstNumber` is the number by which /save knows the first of them.
    package static func attachments(_ entry: Entry, firstNumber: Int) -> [StyledLine] {
        entry.attachments.enumerated().map { index, attachment in
            StyledLine("  file \(firstNumber + index): \(attachment.name) (\(size(attachment.bytes)))", .cyan)
        }
    }

    package static func size(_ bytes: Int64) -> String {
        switch bytes {
        case ..<1024: "\(bytes) B"
        case ..<(1 << 20): "\(bytes / 1024) KiB"
        case ..<(1 << 30): "\(bytes / (1 << 20)) MiB"
        default: "\(bytes / (1 << 30)) GiB"
        }
    }
}
