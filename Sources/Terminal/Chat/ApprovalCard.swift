internal import MCP

/// What a person is asked to allow: everything the call would do, nothing shortened.
package enum ApprovalCard {
    package static func lines(_ approval: Approval, width: Int) -> [StyledLine] {
        let bar = StyledLine("┃ ", .yellow)
        var title = StyledLine("Approval needed: ", [.bold, .yellow])
        title.append(approval.tool, .bold)
        title.append(" (\(approval.effect)), asked by \(approval.requester)")
        var body = [title]
        body += StyledLine.lines(of: approval.reason, .dim)
        body += arguments(approval.arguments)
        if let details = approval.details { body += StyledLine.lines(of: details) }
        body.append(StyledLine("Rule: \(approval.rule)", .dim))
        if !approval.labels.isEmpty {
            body.append(
                StyledLine("This conversation has touched: \(approval.labels.joined(separator: ", "))", .yellow))
        }
        if approval.isYours {
            body.append(StyledLine(TypedAnswer.help(approval.scopes, isExact: approval.isExact), .dim))
        }
        body.append(StyledLine("Open until \(approval.expires.prefix(19).replacing("T", with: " ")) UTC.", .dim))
        // Broken at the edge, not at spaces: how many spaces a command has can matter.
        return body.flatMap { $0.hardWrapped(to: max(10, width - 2)) }.map { bar + $0 }
    }

    /// Texts as they are, line by line, so that a script reads like one; everything else as JSON.
    static func arguments(_ value: JSONValue) -> [StyledLine] {
        guard let object = value.objectValue, !object.isEmpty else {
            return [StyledLine("without arguments", .dim)]
        }
        return object.flatMap { key, value -> [StyledLine] in
            var label = StyledLine(key, .cyan)
            label.append(": ")
            guard let text = value.stringValue else {
                let lines = StyledLine.lines(of: value.prettyText)
                return [label + (lines.first ?? StyledLine())] + lines.dropFirst()
            }
            let lines = StyledLine.lines(of: text)
            if lines.count == 1 { return [label + lines[0]] }
            return [label + StyledLine("\(lines.count) lines", .dim)]
                + lines.map { StyledLine("  │ ", .dim) + $0 }
        }
    }
}
