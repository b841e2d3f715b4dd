import Audit
import Conversations
import Foundation
import Logging
import MCP
import Model
import Policy
import Store
import Testing

@testable import Harness

@Suite(.timeLimit(.minutes(5))) struct ApprovalDeskTests {
    private struct Desk: Sendable {
        let database: Database
        let desk: ApprovalDesk
        let ada: PersonID
        let conversation: ConversationID
        let session: SessionID

        init() async throws {
            let directory = NSTemporaryDirectory() + "desk-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            database = try Database(directory: directory, logger: Logger(label: "test"))
            desk = ApprovalDesk(
                database: database, hub: EventHub(), audit: try await AuditLog.open(database), redactor: NoRedaction(),
                clock: .system,
                limits: Reloadable(ConversationLimits()))
            ada = try await database.findOrCreatePerson(name: "Ada").id
            let message = try await database.acceptInbound(
                InboundDraft(
                    channel: try await database.dmChannel(of: ada).id, author: ada, text: "go", surface: "test",
                    eventID: "e1")
            ).message
            conversation = message.conversation
            session = try await database.startSession(conversation: conversation, requester: ada).id
        }

        func request(_ number: Int) -> ApprovalRequest {
            ApprovalRequest(
                call: CallID(trusted: "k\(number)"), session: session, conversation: conversation,
                channel: ChannelID(trusted: "ch1"), requester: ada, tool: "send", effect: .external, arguments: [:],
                argumentsDigest: "d", policyDigest: "p",
                rule: Rule(name: "test"), reason: "a test", approvers: .requester, expires: .seconds(600))
        }

        /// Stored as by somebody who is gone by now.
        func orphan(_ number: Int) async throws -> ApprovalID {
            try await database.createApproval(
                ApprovalDraft(
                    call: CallID(trusted: "o\(number)"), session: session, conversation: conversation, requester: ada,
                    tool: "send", effect: .external, arguments: "{}", argumentsDigest: "d", policyDigest: "p",
                    rule: "r", reason: "a test", approvers: Approvers.requester.rawValue,
                    expires: WallClock.system.now().advanced(by: .seconds(600)))
            ).id
        }

        func pending() async throws -> [ApprovalID] {
            try await database.pendingApprovals(conversation: conversation).map(\.id)
        }
    }

    /// Withdrawn in the moment between its being stored and its being waited for: whoever asked must hear of it.
    @Test func aQuestionThatIsWithdrawnBeforeAnybodyWaitsIsAnswered() async throws {
        let desk = try await Desk()
        let (answers, answered) = AsyncStream.makeStream(of: Bool.self)
        let asking = Task {
            for number in 0..<300 {
                let answer = try await desk.desk.ask(desk.request(number))
                guard case .expired = answer else { break }
            }
            answered.yield(true)
        }
        let withdrawing = Task {
            while !Task.isCancelled { await desk.desk.withdraw(session: desk.session) }
        }
        let deadline = Task {
            try await Task.sleep(for: .seconds(60))
            answered.yield(false)
        }
        #expect(await answers.first { _ in true } == true, "a question waits for ever")
        for task in [withdrawing] { task.cancel() }
        asking.cancel()
        deadline.cancel()
        #expect(await desk.desk.openQuestions == 0)
    }

    @Test func anAnswerNobodyWaitsForIsNotKept() async throws {
        let desk = try await Desk()
        for number in 0..<50 {
            try await desk.desk.answer(try await desk.orphan(number), allow: true, by: desk.ada)
        }
        #expect(await desk.desk.openQuestions == 0)
    }

    @Test func anAnsweredQuestionIsForgotten() async throws {
        let desk = try await Desk()
        async let answer = desk.desk.ask(desk.request(1))
        var pending: [ApprovalID] = []
        while pending.isEmpty { pending = try await desk.pending() }
        try await desk.desk.answer(pending[0], allow: true, by: desk.ada)
        guard case .allowed(by: desk.ada) = try await answer else {
            Issue.record("the answer was lost")
            return
        }
        #expect(await desk.desk.openQuestions == 0)
    }

    @Test func aCallerThatIsCancelledIsNotHeld() async throws {
        let desk = try await Desk()
        let asking = Task { try await desk.desk.ask(desk.request(1)) }
        while try await desk.pending().isEmpty { await Task.yield() }
        asking.cancel()
        // Void, or thrown out of its preparations: never answered, and never waiting on.
        if let answer = try? await asking.value { #expect(answer == .expired) }
        #expect(await desk.desk.openQuestions == 0)
    }
}
