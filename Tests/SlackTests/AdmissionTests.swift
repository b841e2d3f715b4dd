import Conversations
import Logging
import MCP
import Model
import Slack
import Store
import Synchronization
import Testing

/// Channels that an admin has to allow first.
@Suite struct JoiningTests {
    private static func scene(_ joining: SlackInboundOptions.Joining) async throws -> Scene {
        var options = SlackInboundOptions()
        options.joining = joining
        return try await Scene(options: options)
    }

    private func whispers(_ scene: Scene) -> [String] { scene.workspace.state.withLock(\.whispers) }

    @Test func inAChannelThatIsNotAllowedNothingIsDoneAndNothingKept() async throws {
        try await Self.scene(.allowlist).run { scene in
            try await scene.tell([
                "type": "member_joined_channel", "user": .string(FakeWorkspace.us), "channel": "C1", "inviter": "UANNA",
                "event_ts": "1700000000.000001",
            ])
            let ts = try await scene.says("UANNA", "<@UBOT> what is our plan")
            try await scene.says("UBEN", "between us")
            try await scene.settled()
            #expect(scene.texts.isEmpty)
            #expect(try await scene.answers().isEmpty)
            #expect(try await scene.transcript(of: ts).isEmpty)
            #expect(try await scene.database.slackChannel("C1")?.channel == nil)
            // Whoever invited it hears once, whoever mentioned it once.
            #expect(
                whispers(scene)
                    == Array(repeating: "UANNA: I do not work in this channel until an admin allows it.", count: 2))
            #expect(try await scene.database.slackAdmissions().isEmpty)
        }
    }

    @Test func anAdminsYesOpensItAndANoClosesIt() async throws {
        try await Self.scene(.allowlist).run { scene in
            let admin = try await scene.database.findOrCreatePerson(name: "admin", role: .admin).id
            _ = try await scene.database.decideSlackAdmission(.channel, "C1", called: "general", allow: true, by: admin)
            try await scene.says("UANNA", "<@UBOT> one")
            try await scene.settled()
            _ = try await scene.database.decideSlackAdmission(
                .channel, "C1", called: "general", allow: false, by: admin)
            try await scene.says("UANNA", "<@UBOT> two")
            // Other places are other matters.
            try await scene.says("UANNA", "three", in: "D1")
            try await scene.settled()
            #expect(scene.texts == ["one", "three"])
        }
    }

    @Test func whatWasInUseBeforeStaysSo() async throws {
        try await Self.scene(.open).run { scene in
            try await scene.says("UANNA", "<@UBOT> one")
            try await scene.settled()
            var options = SlackInboundOptions()
            options.joining = .allowlist
            scene.options.replace(with: options)
            try await scene.says("UANNA", "<@UBOT> two")
            try await scene.says("UANNA", "<@UBOT> elsewhere", in: "C2")
            try await scene.settled()
            #expect(scene.texts == ["one", "two"])
        }
    }

    @Test func adminsAreAskedOnceByWhomeverMentionsIt() async throws {
        try await Self.scene(.ask).run { scene in
            try await scene.says("UANNA", "<@UBOT> one")
            // Threads are worked on beside each other: whoever is first is first by this.
            try await scene.settled()
            try await scene.says("UBEN", "<@UBOT> two")
            // Not for it.
            try await scene.says("UCLEO", "lunch?", in: "C2")
            try await scene.settled()
            let asked = try await scene.database.slackAdmissions()
            #expect(asked.map(\.id) == ["C1"] && asked.first?.asker == "UANNA" && asked.first?.label == "general")
            #expect(scene.texts.isEmpty)
        }
    }
}

/// Admins asked by cards, and their word.
@Suite struct AdmissionTests {
    struct Stage {
        let outbound: OutboundStage
        let slack = RememberingSlack()
        let admissions: SlackAdmissions
        let ben: PersonRecord
        let recorded: Mutexed<[String]>

        init() async throws {
            outbound = try await OutboundStage()
            let database = outbound.database
            ben = try await database.findOrCreatePerson(name: "ben", role: .admin)
            try await database.saveAccount("U0BEN", on: "slack", called: "ben", of: ben.id)
            let people = ["U0ANNA": outbound.anna.id, "U0BEN": ben.id]
            let recorded = Mutexed<[String]>([])
            self.recorded = recorded
            admissions = SlackAdmissions(
                database: database, slack: slack,
                clicks: ClickAnswers(slack: slack, logger: outbound.logger) { people[$0] },
                effects: SlackAdmissions.Effects(
                    record: { kind, id, allow, _ in recorded.change { $0.append("\(kind) \(id) \(allow)") } },
                    shutOut: { account in recorded.change { $0.append("out \(account)") } }),
                logger: outbound.logger)
        }

        func click(_ action: String, _ value: String, by user: String) async throws {
            let payload: JSONValue = [
                "type": "block_actions", "user": ["id": .string(user)], "trigger_id": "t",
                "container": ["channel_id": "D0BEN", "message_ts": "1700000001.100001"],
                "actions": [["action_id": .string(action), "value": .string(value)]],
            ]
            for click in SlackClick.all(in: payload, received: WallClock.system.now()) {
                try await admissions.clicked(click)
            }
        }
    }

    @Test func anAdminIsAskedOnceInPrivateAndAnswersThere() async throws {
        let stage = try await Stage()
        let database = stage.outbound.database
        try await database.askSlackAdmission(.channel, "C1", called: "general", asker: "U0ANNA")
        await stage.admissions.sweep()
        await stage.admissions.sweep()
        #expect(await stage.slack.channels == ["D0BEN"])
        #expect(await stage.slack.shown(in: "D0BEN").contains("#general"))
        // Not anna's to decide.
        try await stage.click("admission.allow", "channel:C1", by: "U0ANNA")
        #expect(try await database.slackAdmission(.channel, "C1")?.state == .asked)
        #expect(stage.recorded.value.isEmpty)
        try await stage.click("admission.allow", "channel:C1", by: "U0BEN")
        #expect(try await database.slackAdmission(.channel, "C1")?.state == .allowed)
        #expect(stage.recorded.value == ["channel C1 true"])
        #expect(await stage.slack.shown(in: "D0BEN").contains("allowed by ben"))
        #expect(await !stage.slack.shown(in: "D0BEN").contains("admission.allow"))
        #expect(await stage.slack.told.last?.user == "U0ANNA")
        stage.outbound.end()
    }

    @Test func whoIsRefusedIsShutOutAndRubbishIsNobody() async throws {
        let stage = try await Stage()
        let database = stage.outbound.database
        try await database.askSlackAdmission(.person, "U9", called: "Zoe", asker: "U9")
        try await stage.click("admission.refuse", "person:U9", by: "U0BEN")
        #expect(try await database.slackAdmission(.person, "U9")?.state == .refused)
        #expect(stage.recorded.value == ["person U9 false", "out U9"])
        for value in ["person", "dog:U9", "person:u9/..", ""] {
            try await stage.click("admission.allow", value, by: "U0BEN")
        }
        #expect(try await database.slackAdmissions().count == 1)
        // Asking again changes nobody's word.
        #expect(try await !database.askSlackAdmission(.person, "U9", called: "Zoe", asker: "U9"))
        #expect(try await database.slackAdmission(.person, "U9")?.state == .refused)
        stage.outbound.end()
    }

    /// The card was posted and the answer to that was lost: it is found, and not posted a second time.
    @Test func afterALostAnswerTheCardIsFound() async throws {
        let stage = try await Stage()
        try await stage.outbound.database.askSlackAdmission(.channel, "C1", called: "general", asker: nil)
        await stage.slack.lose(true)
        await stage.admissions.sweep()
        await stage.slack.lose(false)
        await stage.admissions.sweep()
        #expect(await stage.slack.posts == 1)
        #expect(try await stage.outbound.database.openPosts([.admission]).map(\.state) == [.up])
        stage.outbound.end()
    }

    @Test func whatCannotBeRecordedIsNotDecided() async throws {
        let stage = try await Stage()
        struct Full: Error {}
        let broken = SlackAdmissions(
            database: stage.outbound.database, slack: stage.slack,
            clicks: ClickAnswers(slack: stage.slack, logger: stage.outbound.logger) { _ in nil },
            effects: SlackAdmissions.Effects(record: { _, _, _, _ in throw Full() }, shutOut: { _ in }),
            logger: stage.outbound.logger)
        await #expect(throws: Full.self) { try await broken.decide(.channel, "C1", allow: true, by: stage.ben.id) }
        #expect(try await stage.outbound.database.slackAdmissions().isEmpty)
        stage.outbound.end()
    }
}
