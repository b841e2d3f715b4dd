internal import Model

extension ChatModel {
    mutating func handle(_ event: ChatEvent) -> [Effect] {
        switch event {
        case .entry(let entry): return handle(entry)
        case .draft(let text, let reset):
            beginTurn()
            return handle(draft: text, reset: reset)
        case .tool(let call):
            beginTurn()
            return handle(call)
        case .approval(let approval):
            beginTurn()
            return handle(approval)
        case .approvalClosed(let id, let outcome):
            guard let index = approvals.firstIndex(where: { $0.id == id }) else { return [] }
            approvals.remove(at: index)
            guard index == 0 else { return [] }
            answerEditor = LineEditor()
            return [.print([note("The question is closed: \(outcome).")] + (approvals.first.map(card) ?? []))]
        case .state(let text):
            beginTurn()
            state = text
            return []
        case .done:
            let rest = draft.hasPrinted ? draft.finish() : []
            draft = DraftView(width: frame.columns)
            endTurn()
            return rest.isEmpty ? [] : [.print(rest)]
        }
    }

    private mutating func beginTurn() {
        guard !isTurnRunning else { return }
        isTurnRunning = true
        turnStarted = frame.now
    }

    private mutating func handle(_ entry: Entry) -> [Effect] {
        guard entry.sequence > lastSequence else { return [] }
        lastSequence = entry.sequence
        let isOwn = entry.author == account.name
        var lines: [StyledLine] = []
        for call in entry.tools where shownCalls.insert(call.call).inserted {
            lines += ToolLine.lines(call, width: frame.columns)
        }
        switch entry.kind {
        case .user:
            lines.append(StyledLine())
            lines += EntryText.body(entry, isOwn: isOwn, width: frame.columns)
        case .assistant:
            let header = speaking()
            lines += header.isEmpty && !draft.hasPrinted ? [StyledLine()] : header
            lines += draft.finish(as: entry.text)
        case .notice:
            if draft.hasPrinted { lines += draft.finish() }
            draft = DraftView(width: frame.columns)
            lines += EntryText.body(entry, isOwn: false, width: frame.columns)
        }
        lines += EntryText.attachments(entry, firstNumber: files.count + 1)
        files += entry.attachments
        return [.print(lines)]
    }

    private mutating func handle(draft text: String, reset: Bool) -> [Effect] {
        guard reset else {
            draft.append(text)
            return []
        }
        if draft.isContinued(by: text) {
            draft.advance(to: text)
            return []
        }
        let hadPrinted = draft.hasPrinted
        draft = DraftView(width: frame.columns)
        draft.append(text)
        return hadPrinted ? [.print([note("(The answer starts again.)")])] : []
    }

    private mutating func handle(_ call: ToolCall) -> [Effect] {
        var effects: [Effect] = []
        // What was said before the call stands above it.
        if !draft.isEmpty {
            let header = speaking()
            effects.append(.print(header + draft.finish()))
        }
        let index = tools.firstIndex { $0.call.call == call.call }
        if call.state.isOver {
            if let index { tools.remove(at: index) }
            if shownCalls.insert(call.call).inserted {
                isAfterTool = true
                effects.append(.print(ToolLine.lines(call, width: frame.columns)))
            }
        } else if let index {
            tools[index].call = call
        } else if !shownCalls.contains(call.call) {
            tools.append(RunningTool(call: call, started: frame.now))
        }
        return effects
    }

    private mutating func handle(_ approval: Approval) -> [Effect] {
        guard !approvals.contains(where: { $0.id == approval.id }) else { return [] }
        guard approval.isYours, !isOnBehalf else {
            return [.print(card(approval) + [note("This waits for \(approval.approvers).")])]
        }
        approvals.append(approval)
        return approvals.count == 1 ? [.print(card(approval))] : []
    }

    private mutating func sendNext() -> [Effect] {
        guard !sending.isEmpty else { return [] }
        sending[0].conversation = conversation
        return [.perform(.submit(sending[0]))]
    }

    mutating func handle(_ result: ChatResult) -> [Effect] {
        switch result {
        case .sent(let receipt):
            if !sending.isEmpty { sending.removeFirst() }
            beginTurn()
            let isNew = conversation == nil
            conversation = receipt.conversation
            return (isNew ? [.follow(conversation: receipt.conversation, after: 0)] : []) + sendNext()
        case .notSent(let submission, let reason):
            sending.removeAll { $0.clientID == submission.clientID }
            if editor.isEmpty { editor.replace(with: submission.text) }
            return [.print([problem("Not sent: " + reason)])] + sendNext()
        case .done: return []
        case .answered(let tool, let allow, let scope):
            let word = allow ? StyledLine("✓ allowed ", .green) : StyledLine("⊘ denied ", .red)
            let reach = scope.map { StyledLine(" \($0.inWords); bulkhead grants takes it back", .dim) } ?? StyledLine()
            return [.print([word + StyledLine(tool) + reach])]
        case .uploaded(let attachment):
            attachments.append(attachment)
            return []
        case .saved(let path): return [.print([note("Saved as \(path).")])]
        case .threads(let list):
            threads = list
            guard !list.isEmpty else { return [.print([note("This channel has no threads yet.")])] }
            let current = conversation
            return [
                .print(
                    list.prefix(30).enumerated().map { index, thread in
                        StyledLine(thread.id == current ? "› " : "  ") + StyledLine("\(index + 1)  ", [.bold, .cyan])
                            + StyledLine(thread.title).truncated(to: max(20, frame.columns - 32))
                            + StyledLine("  " + thread.updated.prefix(16).replacing("T", with: " "), .dim)
                    })
            ]
        case .tightened(let mode):
            self.mode = mode
            return [.print([note("Mode: \(mode.title).")])]
        case .undone(let text): return [.print([note(text)])]
        case .failed(let reason): return [.print([problem(reason)])]
        }
    }
}
