extension ChatModel {
    package struct View: Sendable {
        package var lines: [StyledLine]
        package var row: Int
        package var column: Int
    }

    /// The live part of the screen: the draft's end, what runs, and the line being typed.
    package func view(in frame: Frame) -> View {
        var activity: [StyledLine] = []
        for tool in tools.suffix(Self.shownTools) {
            activity += ToolLine.lines(tool.call, width: frame.columns, elapsed: frame.now - tool.started)
        }
        if tools.count > Self.shownTools { activity.append(note("  and \(tools.count - Self.shownTools) more")) }
        if let status = status(frame) { activity.append(status) }
        if !attachments.isEmpty {
            activity.append(StyledLine("  with " + attachments.map(\.name).joined(separator: ", "), .cyan))
        }
        let height = max(1, min(10, frame.rows - activity.count - 3))
        let typed: (lines: [StyledLine], row: Int, column: Int)
        if approvals.isEmpty {
            typed = editor.drawn(prompt: StyledLine("› ", [.bold, .cyan]), width: frame.columns - 1, height: height)
        } else {
            let count = approvals.count > 1 ? "(1 of \(approvals.count)) " : ""
            let question = "Allow this? \(count)[\(TypedAnswer.keys(approvals[0].scopes))] "
            typed = answerEditor.drawn(
                prompt: StyledLine(question, [.bold, .yellow]), width: frame.columns - 1, height: height)
        }
        let room = max(0, frame.rows - activity.count - typed.lines.count - 2)
        var above: [StyledLine] = []
        if !draft.isEmpty {
            if !hasSpoken {
                above = [StyledLine(), StyledLine(account.assistant, [.bold, .magenta])]
            } else if isAfterTool {
                above = [StyledLine()]
            }
            above += draft.lines
            if !activity.isEmpty { above.append(StyledLine()) }
        }
        above = Array(above.suffix(room)) + activity
        // Air between what was said and what is being typed.
        if above.isEmpty { above = [StyledLine()] }
        return View(lines: above + typed.lines, row: above.count + typed.row, column: typed.column)
    }

    private func status(_ frame: Frame) -> StyledLine? {
        if !isConnected { return StyledLine("! The daemon does not answer; trying again …", .yellow) }
        if !sending.isEmpty { return note("Sending …") }
        guard isTurnRunning, approvals.isEmpty else { return nil }
        let elapsed = turnStarted.map { frame.now - $0 } ?? .zero
        let frames = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
        let tenths = Int(elapsed.components.seconds * 10 + elapsed.components.attoseconds / 100_000_000_000_000_000)
        var line = StyledLine(String(frames[abs(tenths) % frames.count]) + " ", .cyan)
        line.append(state.isEmpty ? "Working" : state)
        line.append("  " + ToolLine.duration(.seconds(elapsed.components.seconds)).replacing("0 ms", with: "0 s"), .dim)
        return line.truncated(to: frame.columns)
    }
}
