internal import Glibc
internal import Model

/// Sends one message and waits for what comes of it: `bulkhead chat --once`, and chat without a terminal.
package struct TurnRunner: Sendable {
    /// What to do when the gate asks.
    package enum ApprovalAnswer: String, Sendable, CaseIterable {
        case allow, deny, ask
    }

    let client: APIClient
    let channel: Channel
    let approve: ApprovalAnswer
    /// Progress for a person: tool calls, questions. On standard error, so that standard output is the answer alone.
    let report: @Sendable ([StyledLine]) -> Void
    /// How long a daemon may be away before this gives up on it: a restart takes seconds.
    package var patience = Duration.seconds(60)
    /// What is asked for, outside of the text.
    package var tier: String?

    package init(
        client: APIClient, channel: Channel, approve: ApprovalAnswer,
        report: @escaping @Sendable ([StyledLine]) -> Void
    ) {
        self.client = client
        self.channel = channel
        self.approve = approve
        self.report = report
    }

    /// Where the message went, as soon as that is known: for cancelling.
    package typealias Started = @Sendable (MessageReceipt) async -> Void

    package func run(
        _ text: String, conversation: String?, attachments: [String] = [],
        clientID: String = "cli-" + IdentifierSource().make(TurnRunner.self).rawValue, started: Started = { _ in }
    ) async throws -> Turn {
        var earlier: [Entry] = []
        if let conversation { earlier = try await client.transcript(of: conversation).entries }
        let receipt = try await client.submit(
            text, to: channel.id, conversation: conversation, attachments: attachments, clientID: clientID,
            tier: tier)
        await started(receipt)
        return try await follow(
            Turn(receipt: receipt, earlier: earlier), after: earlier.map(\.sequence).max() ?? 0)
    }

    private struct Finished: Error {}

    private func follow(_ turn: Turn, after sequence: Int64) async throws -> Turn {
        var turn = turn
        var shown: Set<String> = []
        var lost: ContinuousClock.Instant?
        let follower = ConversationFollower(client: client, conversation: turn.receipt.conversation)
        do {
            try await follower.run(after: sequence) { update in
                switch update {
                case .connected:
                    lost = nil
                    turn.reconnected()
                case .disconnected:
                    if lost == nil { report([StyledLine("The daemon does not answer; trying again …", .yellow)]) }
                    let since = lost ?? .now
                    guard ContinuousClock.now - since < patience else { throw Self.gone(turn) }
                    lost = since
                case .event(let event):
                    turn.handle(event)
                    for call in turn.tools where call.state.isOver && shown.insert(call.call).inserted {
                        report(ToolLine.lines(call, width: width))
                    }
                    if case .approval(let approval) = event { try await decide(approval, &turn) }
                }
                if turn.isOver { throw Finished() }
            }
        } catch is Finished {}
        return turn
    }

    private static func gone(_ turn: Turn) -> TerminalError {
        TerminalError(
            .daemonNotRunning,
            "The daemon has gone away and does not come back. Your message is kept: once it runs again, "
                + "`bulkhead chat --thread \(turn.receipt.conversation)` shows what came of it.")
    }

    private var width: Int { TerminalDevice.width(of: STDERR_FILENO) ?? 100 }

    private func decide(_ approval: Approval, _ turn: inout Turn) async throws {
        guard turn.approvals.contains(where: { $0.approval.id == approval.id && $0.outcome == nil }) else { return }
        report(ApprovalCard.lines(approval, width: width))
        guard approval.isYours, client.onBehalfOf == nil else {
            let who = client.onBehalfOf == nil ? approval.approvers : approval.requester
            report([StyledLine("This is for \(who) to answer; waiting.", .yellow)])
            return
        }
        let answer: TypedAnswer
        switch approve {
        case .allow: answer = .allow(nil)
        case .deny: answer = .deny(reason: nil)
        case .ask: answer = await Self.askPerson(approval)
        }
        let allow: Bool
        do {
            switch answer {
            case .allow(let scope):
                allow = true
                try await client.answer(approval.id, allow: true, scope: scope)
            case .deny(let reason):
                allow = false
                try await client.answer(approval.id, allow: false, reason: reason)
            }
        } catch let error as TerminalError where error.code == .refused || error.code == .notFound {
            // Somebody else has to answer, or has.
            report([StyledLine(error.message, .yellow)])
            return
        }
        turn.close(approval.id, allow ? "allowed" : "denied")
        if approve == .deny {
            report([StyledLine("Denied: nobody is there to ask. --approve allow allows, --approve ask asks.", .yellow)])
        }
    }

    /// Reads the answer on a thread of its own: nothing in the cooperative pool may block.
    private static func askPerson(_ approval: Approval) async -> TypedAnswer {
        TerminalDevice.write("Allow this? [\(TypedAnswer.keys(approval.scopes))] ", to: STDERR_FILENO)
        return await withCheckedContinuation { continuation in
            BlockingThread.start {
                let answer = TypedAnswer(readLine() ?? "", offered: approval.scopes)
                continuation.resume(returning: answer ?? .deny(reason: nil))
            }
        }
    }
}
