import Audit
import Foundation
import Harness
import Logging
import Model
import Policy
import Store
import Testing

@testable import Conversations

/// Questions that name people, at the desk: who sees them, who answers, and what becomes of them when one is out.
@Suite(.timeLimit(.minutes(5))) struct NamedApproverTests {
    private struct Desk: Sendable {
        let database: Database
        let hub = EventHub()
        let desk: ApprovalDesk
        let ada: PersonID
        let ben: PersonID
        let cleo: PersonID
        let conversation: ConversationID
        let session: SessionID

        init() async throws {
            let directory = NSTemporaryDirectory() + "named-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            database = try Database(directory: directory, logger: Logger(label: "test"))
            desk = ApprovalDesk(
                database: database, hub: hub, audit: try await AuditLog.open(database), redactor: NoRedaction(),
                clock: .system,
                limits: Reloadable(ConversationLimits()))
            ada = try await database.findOrCreatePerson(name: "Ada").id
            ben = try await database.findOrCreatePerson(name: "Ben").id
            cleo = try await database.findOrCreatePerson(name: "Cleo").id
            let message = try await database.acceptInbound(
                InboundDraft(
                    channel: try await database.dmChannel(of: ada).id, author: ada, text: "go", surface: "test",
                    eventID: "e1")
            ).message
            conversation = message.conversation
            session = try await database.startSession(conversation: conversation, requester: ada).id
        }

        /// In Ada's direct conversation, which neither Ben nor Cleo reads.
        func question(_ approvers: String) async throws -> ApprovalID {
            try await database.createApproval(
                ApprovalDraft(
                    call: CallID(trusted: UUID().uuidString.lowercased()), session: session,
                    conversation: conversation, requester: ada, tool: "send", effect: .external, arguments: "{}",
                    argumentsDigest: "d", policyDigest: "p", rule: "r", reason: "a test", approvers: approvers,
                    expires: WallClock.system.now().advanced(by: .seconds(600)))
            ).id
        }

        private func nextWords(_ events: AsyncStream<ConversationEvent>) async -> String? {
            for await event in events {
                switch event {
                case .approvalClosed(_, let outcome): return outcome
                case .state(let text): return text
                default: continue
                }
            }
            return nil
        }

        /// What the conversation is told first while `body` runs.
        func told(_ body: () async throws -> Void) async throws -> String? {
            let events = hub.subscribe(to: conversation).events
            try await body()
            return await nextWords(events)
        }

        func sees(_ person: PersonID) async throws -> Bool {
            try await !desk.open(for: person).isEmpty
        }
    }

    private static let named = #"{"named":["ben"]}"#

    @Test func whomTheRuleNamesSeesItAndAnswersAndNobodyElse() async throws {
        let desk = try await Desk()
        let id = try await desk.question(Self.named)
        #expect(try await desk.sees(desk.ben))
        #expect(try await desk.sees(desk.cleo) == false)
        #expect(try await desk.sees(desk.ada), "whose conversation it is")
        for (person, code) in [(desk.cleo, ChatError.Code.notFound), (desk.ada, .forbidden)] {
            let refusal = await #expect(throws: ChatError.self) {
                try await desk.desk.answer(id, allow: true, by: person)
            }
            #expect(refusal?.code == code)
        }
        let words = try await desk.told { try await desk.desk.answer(id, allow: true, by: desk.ben) }
        #expect(words == "allowed by Ben")
    }

    @Test func aDeputysAnswerSaysInWhosePlace() async throws {
        let desk = try await Desk()
        try await desk.database.setDeputy(desk.cleo, of: desk.ben, until: nil, by: desk.ben)
        let id = try await desk.question(Self.named)
        let words = try await desk.told { try await desk.desk.answer(id, allow: false, by: desk.cleo) }
        #expect(words == "denied by Cleo for Ben")
        let record = try #require(try await desk.database.approval(id))
        #expect(record.decidedBy == desk.cleo && record.decidedFor == desk.ben)
    }

    @Test func itIsSaidWhoAnswersWhenOneOfTheNamedIsOut() async throws {
        let desk = try await Desk()
        try await desk.database.setDeputy(desk.cleo, of: desk.ben, until: nil, by: desk.ben)
        _ = try await desk.question(Self.named)
        try await desk.database.setDeactivated(desk.ben, by: desk.ada)
        let words = try await desk.told { await desk.desk.tellWhoAnswers(without: desk.ben) }
        #expect(words == "Ben cannot answer what waits here (send) any more. Those who may: Cleo for Ben.")
        _ = try await desk.database.removeDeputy(of: desk.ben)
        let none = try await desk.told { await desk.desk.tellWhoAnswers(without: desk.ben) }
        #expect(none?.contains("Nobody who may is left") == true)
    }

    @Test func whatWasAskedForSomebodyWhoIsOutIsWithdrawn() async throws {
        let desk = try await Desk()
        let id = try await desk.question(Self.named)
        try await desk.desk.withdrawOfTheInactive()
        #expect(try await desk.database.approval(id)?.state == .pending)
        try await desk.database.setDeactivated(desk.ada, by: desk.ben)
        let words = try await desk.told { try await desk.desk.withdrawOfTheInactive() }
        #expect(words == "withdrawn")
        #expect(try await desk.database.approval(id)?.state == .withdrawn)
        await #expect(throws: ChatError.self) { try await desk.desk.answer(id, allow: true, by: desk.ben) }
    }
}
