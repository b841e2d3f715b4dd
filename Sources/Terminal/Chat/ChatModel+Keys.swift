internal import Markdown
internal import Model

extension ChatModel {
    mutating func handle(_ key: Key) -> [Effect] {
        if key == .control("z") { return [.suspend] }
        let outcome = approvals.isEmpty ? editor.handle(key) : answerEditor.handle(key)
        if outcome != .interrupted { isInterruptArmed = false }
        switch outcome {
        case .edited: return []
        case .submitted(let line): return approvals.isEmpty ? submit(line) : answer(line)
        case .interrupted: return interrupt()
        case .endOfInput: return [.leave]
        case .other(.escape) where !approvals.isEmpty:
            return [.print([note("Not answered; it stays open.")])] + nextApproval()
        case .other: return []
        }
    }

    /// First the turn, then the line, then the chat.
    private mutating func interrupt() -> [Effect] {
        guard !isInterruptArmed else { return [.leave] }
        if isTurnRunning || !sending.isEmpty, let conversation {
            isInterruptArmed = true
            state = "Stopping. Ctrl-C again leaves the chat."
            return [.perform(.cancel(conversation: conversation))]
        }
        if !editor.isEmpty {
            editor.replace(with: "")
            return []
        }
        isInterruptArmed = true
        return [.print([note("Ctrl-C again, or Ctrl-D, leaves.")])]
    }

    private mutating func answer(_ line: String) -> [Effect] {
        guard let approval = approvals.first else { return [] }
        let request: ChatRequest
        switch TypedAnswer(line, offered: approval.scopes) {
        case .allow(let scope):
            request = .answer(approval: approval.id, tool: approval.tool, allow: true, scope: scope)
        case .deny(let reason):
            request = .answer(approval: approval.id, tool: approval.tool, allow: false, reason: reason)
        case nil:
            let help = TypedAnswer.help(approval.scopes, isExact: approval.isExact)
            return [.print([note("Please answer with a key: \(help) (Escape leaves it open).")])]
        }
        return [.perform(request)] + nextApproval()
    }

    private mutating func nextApproval() -> [Effect] {
        if !approvals.isEmpty { approvals.removeFirst() }
        answerEditor = LineEditor()
        return approvals.first.map { [.print(card($0))] } ?? []
    }

    func card(_ approval: Approval) -> [StyledLine] {
        [StyledLine()] + ApprovalCard.lines(approval, width: frame.columns)
    }

    private mutating func submit(_ line: String) -> [Effect] {
        if conversation == nil, let number = Int(line.trimmed()), account.starters.indices.contains(number - 1) {
            return send(account.starters[number - 1].text)
        }
        switch ChatCommand(line) {
        case .message(let text): return send(text)
        case .help: return [.print(helpLines())]
        case .mistake(let text): return [.print([problem(text)])]
        case .quit: return [.leave]
        case .cancel:
            guard let conversation else { return [] }
            return [.perform(.cancel(conversation: conversation))]
        case .new where !sending.isEmpty, .threads(.some) where !sending.isEmpty:
            return [.print([problem("A message is still being sent; a moment, please.")])]
        case .new:
            open(nil)
            return [.unfollow, .print([StyledLine(), note("A new thread.")] + starterLines())]
        case .threads(nil): return [.perform(.listThreads(channel: channel.id))]
        case .threads(let number?):
            guard threads.indices.contains(number - 1) else {
                return [.print([problem("There is no thread \(number); /threads lists them.")])]
            }
            let thread = threads[number - 1]
            open(thread.id)
            mode = thread.mode
            return [
                .unfollow, .print([StyledLine(), note("Thread: " + thread.title)]),
                .follow(conversation: thread.id, after: 0),
            ]
        case .mode(nil): return [.print([note("Mode: \(mode.title) (\(mode.rawValue)).")])]
        case .mode(let mode?):
            guard let conversation else {
                return [.print([problem("A thread has a mode once it has a message. Say something first.")])]
            }
            return [.perform(.tighten(conversation: conversation, mode))]
        case .undo(let call, let force):
            guard let conversation else { return [.print([problem("There is nothing to undo yet.")])] }
            return [.perform(.undo(call: call, conversation: conversation, force: force))]
        case .attach(let path): return [.perform(.upload(path: path))]
        case .files: return [.print(fileLines())]
        case .save(let number, let path):
            guard files.indices.contains(number - 1) else {
                return [.print([problem("There is no file \(number); /files lists them.")])]
            }
            let file = files[number - 1]
            return [.perform(.save(attachment: file.id, path: path ?? LocalFile.safeName(file.name)))]
        }
    }

    private mutating func open(_ conversation: String?) {
        self.conversation = conversation
        lastSequence = 0
        files = []
        shownCalls = []
        draft = DraftView(width: frame.columns)
        mode = .auto
        endTurn()
    }

    private mutating func send(_ text: String) -> [Effect] {
        guard !text.allSatisfy(\.isWhitespace) || !attachments.isEmpty else { return [] }
        let submission = ChatRequest.Submission(
            text: text, channel: channel.id, conversation: conversation, attachments: attachments.map(\.id),
            clientID: "cli-" + identifiers.make(IdentifierKindTag.self).rawValue)
        attachments = []
        sending.append(submission)
        // One at a time: only the answer to the first tells the next its thread.
        return sending.count == 1 ? [.perform(.submit(submission))] : []
    }

    /// Only a tag: client ids are nobody's identifiers.
    private enum IdentifierKindTag {}

    private func helpLines() -> [StyledLine] {
        let width = (ChatCommand.listing.map(\.0.count).max() ?? 0) + 2
        return ChatCommand.listing.map { command, meaning in
            StyledLine("  " + command, .cyan).padded(to: width + 2) + StyledLine(meaning)
        }
    }

    private func fileLines() -> [StyledLine] {
        guard !files.isEmpty else { return [note("This thread has no files yet.")] }
        return files.enumerated().map { index, file in
            StyledLine("  \(index + 1)  ", [.bold, .cyan]) + StyledLine("\(file.name) (\(EntryText.size(file.bytes)))")
        }
    }
}
