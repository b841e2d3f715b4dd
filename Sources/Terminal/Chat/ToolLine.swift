package import MCP

/// A tool call in one line.
package enum ToolLine {
    /// `✓ bash  ls -la /workspace  0.2 s`. A failure's first line of output follows on a second one.
    package static func lines(_ call: ToolCall, width: Int, elapsed: Duration? = nil) -> [StyledLine] {
        var tail = StyledLine()
        switch call.state {
        case .running: tail.append(elapsed.map { "  " + duration($0) } ?? "", .dim)
        case .waiting: tail.append("  waits for an approval", .yellow)
        case .done: tail.append(call.milliseconds.map { "  " + duration(.milliseconds($0)) } ?? "", .dim)
        case .failed:
            tail.append("  failed" + (call.milliseconds.map { ", " + duration(.milliseconds($0)) } ?? ""), .red)
        case .denied: tail.append("  denied", .red)
        case .cancelled: tail.append("  cancelled", .yellow)
        }
        var head = mark(call.state)
        head.append(call.tool, .bold)
        let room = max(8, width - head.width - tail.width - 2)
        let arguments = StyledLine(summary(call.arguments, limit: room * 4), .dim).truncated(to: room)
        if !arguments.isEmpty { head.append("  ") }
        var result = [head + arguments + tail]
        if call.state == .failed || call.state == .denied, let reason = firstLine(call.result) {
            result.append(StyledLine("  └ " + reason, .dim).truncated(to: width))
        }
        return result
    }

    /// The argument that says most, or all of them as JSON, cut to about `limit` characters.
    package static func summary(_ arguments: JSONValue, limit: Int) -> String {
        guard let object = arguments.objectValue else {
            return arguments.isNull ? "" : String(arguments.text.prefix(limit))
        }
        if object.isEmpty { return "" }
        for key in ["command", "path", "pattern", "query", "url", "text"] {
            guard let text = object[key]?.stringValue else { continue }
            // What else there is shows that there is more.
            let rest = object.keys.filter { $0 != key }
            return String(text.prefix(limit)) + (rest.isEmpty ? "" : " (" + rest.joined(separator: ", ") + ")")
        }
        return String(arguments.text.prefix(limit))
    }

    package static func duration(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        switch milliseconds {
        case ..<0: return "0 ms"
        case ..<1000: return "\(milliseconds) ms"
        case ..<60_000: return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
        default: return "\(milliseconds / 60_000) min \(milliseconds % 60_000 / 1000) s"
        }
    }

    private static func mark(_ state: ToolCall.State) -> StyledLine {
        switch state {
        case .running: StyledLine("• ", .cyan)
        case .waiting: StyledLine("? ", .yellow)
        case .done: StyledLine("✓ ", .green)
        case .failed: StyledLine("✗ ", .red)
        case .denied: StyledLine("⊘ ", .red)
        case .cancelled: StyledLine("– ", .yellow)
        }
    }

    private static func firstLine(_ text: String?) -> String? {
        guard let text else { return nil }
        return text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
    }
}
