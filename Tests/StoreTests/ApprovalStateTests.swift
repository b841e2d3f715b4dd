import Foundation
import Model
import Store
import Testing

/// Every event in every state an approval can get into, against a model of what should become of it.
@Suite(.timeLimit(.minutes(5))) struct ApprovalStateTests {
    enum Event: CaseIterable {
        case allow, deny
        /// After its time.
        case allowLate, sweepLate
        /// The asking call takes the answer; a call that goes on takes it.
        case takeHeld, takeReturned
        /// The asking session ends with its turn open; so does everything, and another process opens the database.
        case endSession, restart
        /// The asking turn is stopped; the requester takes back what waits; his unread messages are taken back.
        case stopTurn, takeBack, cancelMessages
    }

    struct Model: Hashable {
        enum Message: Hashable { case none, pending, cancelled }

        var state = ApprovalRecord.State.pending
        var isSuspended = false
        var isTaken = false
        var message = Message.none
        var isLate = false

        private var isUnheard: Bool { (state == .allowed || state == .denied) && !isTaken }

        mutating func handle(_ event: Event) {
            switch event {
            case .allow, .deny:
                guard state == .pending, !isLate else { return }
                state = event == .allow ? .allowed : .denied
                if isSuspended { message = .pending }
            case .allowLate: isLate = true
            case .sweepLate:
                isLate = true
                if state == .pending { state = .expired }
            case .takeHeld, .takeReturned:
                guard isUnheard, isSuspended == (event == .takeReturned) else { return }
                isTaken = true
                if state == .allowed { state = .used }
            case .endSession, .restart:
                guard !isSuspended, state == .pending || isUnheard else { return }
                isSuspended = true
                if state != .pending { message = .pending }
            case .stopTurn, .takeBack:
                guard event == .stopTurn || isSuspended else { return }
                if state == .pending { state = .withdrawn } else if isUnheard { takeBackMessage() }
            case .cancelMessages: takeBackMessage()
            }
        }

        private mutating func takeBackMessage() {
            guard message == .pending else { return }
            message = .cancelled
            if state == .allowed { state = .withdrawn }
        }
    }

    /// One database, opened anew where a process ends.
    private final class World {
        let folder = TemporaryFolder()
        let clock = TestClock()
        private(set) var database: Database
        let anna: PersonRecord
        let ben: PersonRecord

        init() async throws {
            database = try Database(directory: folder.path, clock: clock.wall)
            anna = try await database.findOrCreatePerson(name: "anna")
            ben = try await database.findOrCreatePerson(name: "ben", role: .admin)
        }

        func restart() async throws {
            database.close()
            database = try Database(directory: folder.path, clock: clock.wall)
            try await database.endAllSessions(reason: "restarted")
        }

        struct Question {
            let conversation: ConversationID
            let session: SessionID
            let approval: ApprovalID
        }

        func ask(surface: String = "web") async throws -> Question {
            let message = try await database.acceptInbound(
                InboundDraft(
                    channel: try await database.dmChannel(of: anna.id).id, author: anna.id, text: "go",
                    surface: surface, eventID: UUID().uuidString)
            ).message
            let session = try await database.startSession(conversation: message.conversation, requester: anna.id).id
            try await database.beginTurn([message.id], session: session)
            let call = CallID(trusted: "call-" + UUID().uuidString.lowercased())
            try await database.startToolCall(
                ToolCallDraft(
                    id: call, session: session, turn: message.id, tool: "post", effect: .external, arguments: "{}"))
            let now = clock.wall.now()
            let approval = try await database.createApproval(
                ApprovalDraft(
                    call: call, session: session, conversation: message.conversation, requester: anna.id, tool: "post",
                    effect: .external, arguments: "{}", argumentsDigest: "d", policyDigest: "p", rule: "r",
                    reason: "why", approvers: "requester", expires: now.advanced(by: .seconds(7200)),
                    reminder: now.advanced(by: .seconds(3600))))
            #expect(approval.turn == (surface == MessageRecord.externalSurface ? nil : message.id))
            return Question(conversation: message.conversation, session: session, approval: approval.id)
        }

        /// Does it, and checks what it answers against the state before.
        func handle(_ event: Event, _ question: Question, before: Model) async throws {
            let id = question.approval
            switch event {
            case .allow, .deny, .allowLate:
                if event == .allowLate { clock.advance(by: .seconds(7200)) }
                let outcome = try await database.decideApproval(id, allow: event != .deny, by: ben.id)
                switch (outcome, before.state) {
                case (.decided, .pending): #expect(event != .allowLate && !before.isLate)
                case (.tooLate, .pending): #expect(event == .allowLate || before.isLate)
                case (.tooLate, .expired): break
                case (.tooLate(let record), .withdrawn): #expect(record.decidedBy == nil)
                case (.already, .withdrawn), (.already, .allowed), (.already, .denied), (.already, .used): break
                default: Issue.record("\(event) of \(before) gave \(outcome)")
                }
            case .sweepLate:
                clock.advance(by: .seconds(7200))
                let closed = try await database.expireApprovals().first { $0.id == id }
                #expect((closed != nil) == (before.state == .pending))
                #expect((closed?.notice != nil) == (before.state == .pending && before.isSuspended))
            case .takeHeld, .takeReturned:
                var after = before
                after.handle(event)
                #expect(try await database.takeAnswer(id, isHeld: event == .takeHeld) == (after != before))
            case .endSession: try await database.endSession(question.session, reason: "gone")
            case .restart: try await restart()
            case .stopTurn: try await database.withdrawApprovals(session: question.session)
            case .takeBack: _ = try await database.withdrawSuspended(in: question.conversation, of: anna.id)
            case .cancelMessages: _ = try await database.cancelPending(in: question.conversation, author: anna.id)
            }
        }

        func look(_ question: Question) async throws -> Model {
            let record = try #require(try await database.approval(question.approval))
            let message = try await database.continuation(of: question.approval)
            return Model(
                state: record.state, isSuspended: record.suspended != nil, isTaken: record.taken != nil,
                message: message.map { $0.state == .pending ? .pending : .cancelled } ?? .none)
        }

        func close() { database.close() }
    }

    @Test func everyEventInEveryState() async throws {
        let world = try await World()
        defer { world.close() }
        var known: Set<Model> = [Model()]
        var ways: [(way: [Event], model: Model)] = [([], Model())]
        while let (way, model) = ways.popLast() {
            for event in Event.allCases {
                let question = try await world.ask()
                var before = Model()
                for step in way {
                    try await world.handle(step, question, before: before)
                    before.handle(step)
                }
                #expect(before == model)
                try await world.handle(event, question, before: before)
                var after = before
                after.handle(event)
                var found = try await world.look(question)
                found.isLate = after.isLate
                #expect(found == after, "after \(way), \(event): \(found), and not \(after)")
                if known.insert(after).inserted { ways.append((way + [event], after)) }
            }
        }
        // All there are, so that a state nobody reaches any more is noticed.
        #expect(Set(known.map(\.state)) == Set([.pending, .allowed, .denied, .used, .expired, .withdrawn]))
        #expect(known.count > 20, "\(known.count)")
    }

    /// Whatever happens, no call runs twice on one answer, and none on an answer that was not yes.
    @Test func anAnswerIsTakenOnceWhateverHappens() async throws {
        let world = try await World()
        defer { world.close() }
        for event in Event.allCases {
            let question = try await world.ask()
            try await world.database.endSession(question.session, reason: "gone")
            _ = try await world.database.decideApproval(question.approval, allow: true, by: world.ben.id)
            #expect(try await world.database.takeAnswer(question.approval, isHeld: false))
            try await world.handle(
                event, question, before: Model(state: .used, isSuspended: true, isTaken: true, message: .pending))
            for isHeld in [true, false] {
                #expect(try await !world.database.takeAnswer(question.approval, isHeld: isHeld), "\(event)")
            }
            #expect(try await world.database.approval(question.approval)?.state == .used, "\(event)")
        }
    }

    @Test func aReminderComesOnceAndOnlyWhereNobodyWaits() async throws {
        let world = try await World()
        defer { world.close() }
        let (held, left) = (try await world.ask(), try await world.ask())
        try await world.database.endSession(left.session, reason: "gone")
        world.clock.advance(by: .seconds(3500))
        #expect(try await world.database.remindOfApprovals().isEmpty)
        world.clock.advance(by: .seconds(100))
        let due = try await world.database.remindOfApprovals()
        #expect(due.map(\.id) == [left.approval])
        let text = due.first?.notice?.text ?? ""
        #expect(text.contains("60 minutes are left") && text.contains(left.approval.rawValue), "\(text)")
        #expect(try await world.database.approval(held.approval)?.suspended == nil)
        try await world.restart()
        // The other one has been let go of by that.
        #expect(try await world.database.remindOfApprovals().map(\.id) == [held.approval])
        #expect(try await world.database.remindOfApprovals().isEmpty)
    }

    /// Who works through an MCP client waits himself: there is no turn to go on with.
    @Test func aClientsQuestionEndsWithItsSession() async throws {
        let world = try await World()
        defer { world.close() }
        let question = try await world.ask(surface: MessageRecord.externalSurface)
        #expect(try await world.database.suspendQuestions(of: question.session).isEmpty)
        try await world.database.endSession(question.session, reason: "left")
        #expect(try await world.database.approval(question.approval)?.state == .withdrawn)
    }

    /// It joins no turn that is under way: it is looked at before anybody else hears of it.
    @Test func anAnswerOpensATurnOfItsOwn() async throws {
        let world = try await World()
        defer { world.close() }
        let question = try await world.ask()
        let asking = try #require(try await world.database.runningTurn(in: question.conversation))
        try await world.database.endSession(question.session, reason: "gone")
        try await world.database.completeTurn(TurnCompletion(turn: asking.turn, kind: .notice, text: "waits"))
        let more = try await world.database.acceptInbound(
            InboundDraft(
                channel: try await world.database.dmChannel(of: world.anna.id).id,
                conversation: question.conversation, author: world.anna.id, text: "more", surface: "web",
                eventID: "more")
        ).message
        let session = try await world.database.startSession(
            conversation: question.conversation, requester: world.anna.id)
        let turn = try await world.database.beginTurn([more.id], session: session.id)
        _ = try await world.database.decideApproval(question.approval, allow: true, by: world.ben.id)
        #expect(try await world.database.takeFollowUps(turn: turn).isEmpty)
        #expect(try await world.database.pending(in: question.conversation).map(\.surface) == ["approval"])
        #expect(try await world.database.answeredApproval(of: turn) == nil)
    }

    @Test func nobodyBuriesTheQuestionsOfOthers() async throws {
        let world = try await World()
        defer { world.close() }
        for _ in 0..<Database.openApprovals { _ = try await world.ask() }
        #expect(await code { try await world.ask() } == .conflict)
        world.clock.advance(by: .seconds(7200))
        _ = try await world.database.expireApprovals()
        _ = try await world.ask()
    }

    @Test func nothingIsAskedForASessionThatHasEnded() async throws {
        let world = try await World()
        defer { world.close() }
        let question = try await world.ask()
        try await world.database.endSession(question.session, reason: "gone")
        let refused = await code {
            try await world.database.createApproval(
                ApprovalDraft(
                    call: CallID(trusted: "late"), session: question.session, conversation: question.conversation,
                    requester: world.anna.id, tool: "post", effect: .external, arguments: "{}", argumentsDigest: "d",
                    policyDigest: "p", rule: "r", reason: "why", approvers: "requester",
                    expires: world.clock.wall.now().advanced(by: .seconds(60))))
        }
        #expect(refused == .conflict)
    }

    @Test func aListIsBoundedAndShowsWhatOneMayRead() async throws {
        let world = try await World()
        defer { world.close() }
        let cleo = try await world.database.findOrCreatePerson(name: "cleo")
        for _ in 0..<5 { _ = try await world.ask() }
        #expect(try await world.database.pendingApprovals(limit: 3).count == 3)
        #expect(try await world.database.pendingApprovals(for: world.anna.id, seesAll: false).count == 5)
        #expect(try await world.database.pendingApprovals(for: world.anna.id, seesAll: false, limit: 2).count == 2)
        #expect(try await world.database.pendingApprovals(for: cleo.id, seesAll: false).isEmpty)
        let all = try await world.database.pendingApprovals(for: world.ben.id, seesAll: true)
        #expect(all.count == 5)
    }
}
