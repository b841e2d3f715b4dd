import Conversations
import Harness
import MCP
import Model
import Policy
import Slack
import SlackText
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct SlackApprovalsTests {
    @Test func whoeverAsksIsAskedInTheThread() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question()
        await scene.approvals.sweep()
        await scene.approvals.sweep()
        let cards = await scene.slack.cards
        #expect(cards.map(\.channel) == ["C0ROOM"] && cards[0].thread == ApprovalScene.thread.text)
        let shown = await scene.slack.shown(in: "C0ROOM")
        #expect(shown.contains("x@example.org") && shown.contains(#""user_id":"U0ADA""#) && shown.contains(id.rawValue))
        // What lookers-on may not see is not there, and whoever decides is told to look.
        #expect(shown.contains("hidden") && !shown.contains("4711") && shown.contains("read all of it in Details"))
    }

    @Test func anAdminIsAskedInPrivateWithEverything() async throws {
        let scene = try await ApprovalScene()
        _ = try await scene.question(.admins)
        await scene.approvals.sweep()
        #expect(await scene.slack.channels == ["C0ROOM", "D0BEN"])
        let shown = await scene.slack.shown(in: "D0BEN")
        #expect(shown.contains("4711") && shown.contains("in general"))
        #expect(await !scene.slack.shown(in: "C0ROOM").contains("4711"))
    }

    @Test func anybodyMayBeTheSecondPersonSoNobodyIsCalled() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question(.secondPerson)
        await scene.approvals.sweep()
        #expect(await scene.slack.channels == ["C0ROOM"])
        #expect(await !scene.slack.shown(in: "C0ROOM").contains("user_id"))
        try await scene.click(.allowOnce, id, by: "U0ADA")
        #expect(try await scene.state(id) == .pending)
        try await scene.click(.allowOnce, id, by: "U0CLEO")
        #expect(try await scene.state(id) == .allowed)
    }

    @Test func aPrivateQuestionIsNotShownInTheThread() async throws {
        let scene = try await ApprovalScene()
        try await scene.database.label(scene.roomSession, adding: .private)
        let id = try await scene.question(labels: .private)
        await scene.approvals.sweep()
        #expect(await scene.slack.channels == ["C0ROOM", "D0ADA"])
        let thread = await scene.slack.shown(in: "C0ROOM")
        #expect(!thread.contains("x@example.org") && !thread.contains("send") && !thread.contains(id.rawValue))
        #expect(await scene.slack.shown(in: "D0ADA").contains("4711"))
        try await scene.click(.approvalDetails, id, by: "U0CLEO")
        #expect(await scene.slack.views.isEmpty)
        try await scene.click(.allowOnce, id, by: "U0ADA")
        let closed = await scene.slack.shown(in: "C0ROOM")
        #expect(closed.contains("The approval was given.") && !closed.contains("send"))
    }

    @Test func inADirectChannelTheCardIsThereAlone() async throws {
        let scene = try await ApprovalScene()
        _ = try await scene.question(in: scene.direct)
        await scene.approvals.sweep()
        #expect(await scene.slack.channels == ["D0ADA"])
        #expect(await scene.slack.shown(in: "D0ADA").contains("4711"))
    }

    @Test func whoeverMayNotIsToldSoAndNothingHappens() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question()
        await scene.approvals.sweep()
        for action in [SlackAction.allowOnce, .allowConversation, .allowChannel, .allowCompany, .deny] {
            try await scene.click(action, id, by: "U0CLEO")
            try await scene.click(action, id, by: "U0STRANGER")
        }
        #expect(try await scene.state(id) == .pending)
        let told = await scene.slack.told
        #expect(told.filter { $0.user == "U0CLEO" }.count == 5 && told.filter { $0.user == "U0STRANGER" }.count == 5)
        #expect(told.first { $0.user == "U0CLEO" }?.sentence.contains("not yours to decide") == true)
        try await scene.click(.allowOnce, ApprovalID(trusted: "Not An Id"), by: "U0ADA")
        try await scene.click(.allowOnce, ApprovalID(trusted: "nothing"), by: "U0ADA")
        #expect(try await scene.state(id) == .pending)
        #expect(await scene.slack.told.suffix(2).allSatisfy { $0.user == "U0ADA" })
    }

    @Test func everyCardShowsWhatBecameOfIt() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question(.admins)
        await scene.approvals.sweep()
        try await scene.click(.allowOnce, id, by: "U0BEN", at: SlackAddress(channel: "D0BEN"))
        #expect(try await scene.state(id) == .allowed)
        for channel in ["C0ROOM", "D0BEN"] {
            let shown = await scene.slack.shown(in: channel)
            #expect(shown.contains("Allowed by Ben.") && !shown.contains("button"), "\(channel)")
        }
        #expect(try await scene.database.openPosts([.card]).isEmpty)
        try await scene.click(.allowOnce, id, by: "U0BEN")
        #expect(await scene.slack.told.last?.sentence.contains("answered already") == true)
    }

    @Test func aDenialAsksWhyAndTellsThoseConcerned() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question()
        await scene.approvals.sweep()
        try await scene.click(.deny, id, by: "U0ADA")
        #expect(try await scene.state(id) == .pending)
        let view = try #require(await scene.slack.views.first)
        let payload: JSONValue = [
            "type": "view_submission", "user": ["id": "U0ADA"],
            "view": [
                "callback_id": view["callback_id"] ?? nil, "private_metadata": view["private_metadata"] ?? nil,
                "state": ["values": ["reason": ["reason": ["value": "too early"]]]],
            ],
        ]
        try await scene.approvals.denied(try #require(SlackForm(payload, .denialForm)))
        let record = try #require(try await scene.database.approval(id))
        #expect(record.state == .denied && record.note == "too early")
        let shown = await scene.slack.shown(in: "C0ROOM")
        #expect(shown.contains("Denied by Ada.") && !shown.contains("too early"))
    }

    @Test func whereNoModalOpensADenialIsStillOne() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question()
        await scene.slack.refuseViews()
        try await scene.click(.deny, id, by: "U0ADA")
        #expect(try await scene.state(id) == .denied)
    }

    @Test func detailsAreThoseOfWhoeverLooks() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question()
        try await scene.click(.approvalDetails, id, by: "U0ADA")
        try await scene.click(.approvalDetails, id, by: "U0CLEO")
        let views = await scene.slack.views.map(\.text)
        #expect(views.count == 2 && views[0].contains("4711") && !views[1].contains("4711"))
    }

    @Test func expiredAndWithdrawnQuestionsAreClosed() async throws {
        let scene = try await ApprovalScene()
        let late = try await scene.question(expires: .milliseconds(-1))
        let gone = try await scene.question()
        await scene.approvals.sweep()
        try await scene.desk.expire()
        _ = try await scene.database.withdrawApproval(gone)
        await scene.approvals.sweep()
        #expect(try await scene.state(late) == .expired)
        let shown = await scene.slack.shown(in: "C0ROOM")
        #expect(shown.contains("Nobody answered in time") && shown.contains("Withdrawn") && !shown.contains("button"))
    }

    @Test func aLostAnswerMakesNoSecondCard() async throws {
        let scene = try await ApprovalScene()
        _ = try await scene.question()
        await scene.slack.lose(true)
        await scene.approvals.sweep()
        await scene.slack.lose(false)
        await scene.approvals.sweep()
        let restarted = try await scene.restarted()
        await restarted.sweep()
        #expect(await scene.slack.posts == 1)
        #expect(try await scene.database.openPosts([.card]).map(\.state) == [.up])
    }

    @Test func aRestartKnowsItsCards() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question()
        await scene.approvals.sweep()
        _ = try await scene.database.withdrawApproval(id)
        let restarted = try await scene.restarted()
        await restarted.sweep()
        #expect(await scene.slack.posts == 1)
        #expect(await scene.slack.shown(in: "C0ROOM").contains("Withdrawn"))
    }

    @Test func anHourWithoutSlackCostsNothing() async throws {
        let scene = try await ApprovalScene()
        let id = try await scene.question()
        await scene.slack.down(true)
        await scene.approvals.sweep()
        await scene.approvals.sweep()
        #expect(await scene.slack.cards.isEmpty)
        await scene.slack.down(false)
        await scene.approvals.sweep()
        #expect(await scene.slack.channels == ["C0ROOM"])
        await scene.slack.down(true)
        _ = try await scene.database.withdrawApproval(id)
        await scene.approvals.sweep()
        #expect(await scene.slack.shown(in: "C0ROOM").contains("button"))
        await scene.slack.down(false)
        await scene.approvals.sweep()
        #expect(await !scene.slack.shown(in: "C0ROOM").contains("button"))
    }

    @Test func itWakesByItself() async throws {
        let scene = try await ApprovalScene()
        let running = Task { await scene.approvals.run(every: .seconds(3600)) }
        defer { running.cancel() }
        let asking = Task {
            try await scene.desk.ask(
                ApprovalRequest(
                    call: CallID(trusted: "k1"), session: scene.roomSession, conversation: scene.room,
                    channel: ChannelID(trusted: "ch1"), requester: scene.ada, tool: "send", effect: .external,
                    arguments: [:], argumentsDigest: "d", policyDigest: "p", rule: Rule(name: "test"), reason: "a test",
                    approvers: .requester, expires: .seconds(600)))
        }
        while await scene.slack.cards.isEmpty { await Task.yield() }
        asking.cancel()
        _ = try? await asking.value
    }
}
