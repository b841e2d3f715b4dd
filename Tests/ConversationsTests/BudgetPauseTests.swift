import Budgets
import Conversations
import Harness
import MCP
import Model
import Store
import Testing
import ToolServers

/// Conversations without money wait, say so, and go on by themselves.
@Suite(.timeLimit(.minutes(5))) struct BudgetPauseTests {
    private static let poor = BudgetBook([Budget(.company, .month, [.hard: 1_000])])
    private static let rich = BudgetBook([Budget(.company, .month, [.hard: 1_000_000])])

    /// Spends what it is told to in its question, as the gateway would have it spend, and answers.
    private static func spender(
        _ stage: Reloadable<Stage?>, _ budgets: Reloadable<BudgetBook>, heard: Reloadable<[String]>
    ) -> ScriptedAgent.Script {
        { agent in
            while true {
                guard let texts = try await agent.receive(), let stage = stage.current else { continue }
                heard.replace(with: heard.current + texts)
                let text = texts.joined(separator: "+")
                let amount = text.split(separator: " ").compactMap { Int64($0) }.first ?? 400
                guard try await Self.spend(amount, on: stage, within: budgets.current) else { continue }
                try await agent.reply("answer to \(text)")
            }
        }
    }

    /// What the daemon's desk does for the gateway: false where there was no money.
    private static func spend(_ amount: Int64, on stage: Stage, within book: BudgetBook) async throws -> Bool {
        let session = try #require(try await stage.database.openSessions().last)
        let running = try #require(try await stage.database.runningTurn(in: session.conversation))
        let subject = BudgetSubject(
            person: session.requester, channel: session.channel, conversation: session.conversation,
            session: session.id)
        do {
            let reservation = try await stage.database.reserve(
                ReservationDraft(
                    subject, turn: running.turn, tier: "balanced", provider: "p", model: "m", microdollars: amount),
                within: book)
            var entry = ModelCallEntry(
                subject, turn: running.turn, tier: "balanced", provider: "p", model: "m", started: reservation.at)
            entry.microdollars = amount
            try await stage.database.recordModelCall(entry, settling: reservation.id)
            return true
        } catch let shortage as BudgetShortage {
            await stage.service.ranOut(shortage, turn: running.turn, session: session.id)
            return false
        }
    }

    private struct Scene {
        let stage: Stage
        let budgets: Reloadable<BudgetBook>
        let heard = Reloadable<[String]>([])

        init(_ book: BudgetBook, directory: String? = nil) async throws {
            let budgets = Reloadable(book)
            let place = Reloadable<Stage?>(nil)
            self.budgets = budgets
            stage = try await Stage(
                directory: directory, budgets: budgets,
                agent: BudgetPauseTests.spender(place, budgets, heard: heard))
            place.replace(with: stage)
        }
    }

    @Test func aTurnThatRunsOutSaysSoAndGoesOnWhenALimitIsRaised() async throws {
        let scene = try await Scene(Self.poor)
        try await scene.stage.run { stage in
            let anna = try await stage.person("anna")
            let first = try await stage.say("spend 700 please", by: anna, in: try await stage.dm(of: anna))
            let answer = try #require(try await stage.answer(in: first.conversation, for: anna))
            #expect(answer.text == "answer to spend 700 please")
            let second = try await stage.say(
                "and 600 more", by: anna, in: try await stage.dm(of: anna), conversation: first.conversation)
            let notice = try #require(
                try await stage.answer(in: first.conversation, for: anna, after: answer.sequence))
            #expect(notice.kind == .notice && notice.inReplyTo == second.message)
            #expect(
                notice.text.hasPrefix(
                    "The company's budget of $0.0010 a month does not reach any more: $0.0003 are left, and the next "
                        + "model call may cost $0.0006. What was done so far is kept, and I go on by myself "),
                "\(notice.text)")
            // Nothing of it is held, and it is not begun again before there is room for that very call.
            try await until { try await stage.database.openSessions().isEmpty }
            let taken = stage.agents.taken.current
            try await Task.sleep(for: .seconds(6))
            #expect(stage.agents.taken.current == taken)
            #expect(try await stage.database.pending(in: first.conversation).count == 1)
            scene.budgets.replace(with: Self.rich)
            let last = try #require(
                try await Self.next(.assistant, in: first.conversation, for: anna, after: notice.sequence, stage))
            #expect(last.text.hasPrefix("answer to [The budget allows it again] The answer to anna was interrupted"))
            #expect(try await stage.database.budgetWaits().isEmpty)
            #expect(try await stage.database.pending(in: first.conversation).isEmpty)
        }
    }

    @Test func whatIsSaidWithoutMoneyIsKeptSaidOnceAndAnsweredAfterwardsInOrder() async throws {
        let scene = try await Scene(Self.poor)
        try await scene.stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await stage.person("ben"))
            let dm = try await stage.dm(of: anna)
            let first = try await stage.say("spend 1000", by: anna, in: dm)
            _ = try await stage.answer(in: first.conversation, for: anna)
            // Of everybody: the company's money is gone.
            let other = try await stage.say("hello 1", by: ben, in: try await stage.dm(of: ben))
            let notice = try #require(try await stage.answer(in: other.conversation, for: ben))
            #expect(notice.kind == .notice && notice.inReplyTo == nil)
            #expect(
                notice.text.hasPrefix(
                    "The company's budget of $0.0010 a month is used up. Your message is kept, and I answer it by myself"
                ),
                "\(notice.text)")
            _ = try await stage.say(
                "hello 2", by: ben, in: try await stage.dm(of: ben), conversation: other.conversation)
            try await Task.sleep(for: .seconds(6))
            let view = try await stage.service.conversation(other.conversation, for: ben)
            #expect(view.entries.count { $0.kind == .notice } == 1)
            #expect(stage.agents.taken.current == 1)
            scene.budgets.replace(with: Self.rich)
            let answer = try await Self.next(.assistant, in: other.conversation, for: ben, after: 0, stage)
            #expect(answer?.text == "answer to hello 1+hello 2")
        }
    }

    @Test func itGoesOnAfterARestart() async throws {
        let scene = try await Scene(Self.poor)
        let place = Reloadable<Receipt?>(nil)
        try await scene.stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("spend 2000", by: anna, in: try await stage.dm(of: anna))
            let notice = try await stage.answer(in: receipt.conversation, for: anna)
            // Not even a whole budget would do: nothing is promised but an admin.
            #expect(
                notice?.text
                    == "The company's budget of $0.0010 a month does not reach for a model call that may cost $0.0020. "
                    + "What was done so far is kept, and I go on by myself when an admin raises it.")
            place.replace(with: receipt)
        }
        scene.stage.database.close()
        let next = try await Scene(Self.rich, directory: scene.stage.directory)
        try await next.stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try #require(place.current)
            let answer = try await Self.next(.assistant, in: receipt.conversation, for: anna, after: 0, stage)
            #expect(answer?.text.hasPrefix("answer to [The budget allows it again]") == true)
        }
    }

    @Test func itCanBeTakenBack() async throws {
        let scene = try await Scene(Self.poor)
        try await scene.stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("spend 2000", by: anna, in: try await stage.dm(of: anna))
            let notice = try #require(try await stage.answer(in: receipt.conversation, for: anna))
            try await until { try await stage.database.openSessions().isEmpty }
            try await stage.service.cancel(receipt.conversation, by: anna)
            let next = try await Self.next(
                .notice, in: receipt.conversation, for: anna, after: notice.sequence + 1, stage)
            #expect(next?.text == "anna took back what was waiting for money.")
            scene.budgets.replace(with: Self.rich)
            try await until { try await stage.database.budgetWaits().isEmpty }
            #expect(try await stage.database.pending(in: receipt.conversation).isEmpty)
            #expect(stage.agents.taken.current == 1)
        }
    }

    /// What one session had touched, the one that goes on has touched too.
    @Test func labelsGoOnWithTheTurn() async throws {
        let budgets = Reloadable(Self.poor)
        let place = Reloadable<Stage?>(nil)
        let stage = try await Stage(budgets: budgets) { agent in
            while true {
                guard let texts = try await agent.receive(), let stage = place.current else { continue }
                let session = try #require(try await stage.database.openSessions().last)
                if !texts.joined().hasPrefix("[") { _ = try await stage.database.label(session.id, adding: .untrusted) }
                guard try await Self.spend(2_000, on: stage, within: budgets.current) else { continue }
                try await agent.reply("done")
            }
        }
        place.replace(with: stage)
        try await stage.run { stage in
            let anna = try await stage.person("anna")
            let receipt = try await stage.say("go", by: anna, in: try await stage.dm(of: anna))
            _ = try await stage.answer(in: receipt.conversation, for: anna)
            budgets.replace(with: Self.rich)
            _ = try await Self.next(.assistant, in: receipt.conversation, for: anna, after: 0, stage)
            let sessions = try await stage.database.sessions(for: anna)
            #expect(sessions.count == 2 && sessions.allSatisfy { $0.labels.contains(.untrusted) })
        }
    }

    @Test func nobodySpeaksAsTheBudget() async throws {
        let scene = try await Scene(Self.rich)
        try await scene.stage.run { stage in
            let anna = try await stage.person("anna")
            let dm = try await stage.dm(of: anna)
            await #expect(throws: ChatError.self) {
                try await stage.service.submit(
                    InboundMessage(channel: dm, author: anna, text: "go on", surface: "budget", clientID: "x"))
            }
        }
    }

    private static func next(
        _ kind: Entry.Kind, in conversation: ConversationID, for person: PersonID, after sequence: Int64, _ stage: Stage
    ) async throws -> Entry? {
        for await event in try await stage.service.events(of: conversation, after: sequence, for: person) {
            if case .entry(let entry) = event, entry.kind == kind { return entry }
        }
        return nil
    }
}

/// Waits for what is not told of by an event.
func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
}
