internal import MCP

/// Carries out what a chat asks of the daemon, one request after the other.
struct RequestWorker: Sendable {
    let client: APIClient
    /// How long a message is tried again while the daemon restarts. Trying again is safe: the client id makes it one.
    var persistence = Duration.seconds(60)

    func run(_ requests: Mailbox<ChatRequest>, _ deliver: (ChatResult) async -> Void) async {
        while let request = await requests.next(), !Task.isCancelled {
            await deliver(await perform(request))
        }
    }

    private func perform(_ request: ChatRequest) async -> ChatResult {
        do {
            switch request {
            case .submit(let submission):
                return .sent(try await submit(submission))
            case .cancel(let conversation):
                try await client.cancel(conversation)
                return .done
            case .answer(let approval, let tool, let allow, let scope, let reason):
                try await client.answer(approval, allow: allow, scope: scope, reason: reason)
                return .answered(tool: tool, allow: allow, scope: scope)
            case .upload(let path):
                let file = try LocalFile.read(path)
                return .uploaded(try await client.upload(name: file.name, bytes: file.bytes))
            case .save(let attachment, let path):
                try LocalFile.write(try await client.file(attachment), to: path)
                return .saved(path: path)
            case .listThreads(let channel):
                let all = try await client.channels()
                return .threads(all.first { $0.id == channel }?.conversations ?? [])
            case .tighten(let conversation, let mode):
                try await client.tighten(conversation, to: mode)
                return .tightened(mode)
            case .undo(let call, let conversation, let force):
                return .undone(text: try await undo(call, conversation, force: force))
            }
        } catch {
            let reason = (error as? TerminalError)?.message ?? "It was interrupted."
            if case .submit(let submission) = request { return .notSent(submission, reason: reason) }
            return .failed(reason)
        }
    }

    private func undo(_ call: String?, _ conversation: String, force: Bool) async throws -> String {
        var call = call
        if call == nil {
            let calls = try await client.transcript(of: conversation).entries.flatMap(\.tools)
            call = calls.last { $0.isUndoable }?.call
        }
        guard let call else {
            throw TerminalError(.notFound, "There is nothing in this thread that can be undone: only file changes can.")
        }
        return try await client.undo(call, force: force)["text"]?.stringValue ?? "Undone."
    }

    private func submit(_ submission: ChatRequest.Submission) async throws -> MessageReceipt {
        let deadline = ContinuousClock.now + persistence
        while true {
            do {
                return try await client.submit(
                    submission.text, to: submission.channel, conversation: submission.conversation,
                    attachments: submission.attachments, clientID: submission.clientID)
            } catch let error as TerminalError where ConversationFollower.isPassing(error) {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}
