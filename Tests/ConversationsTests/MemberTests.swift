import Audit
import Conversations
import Model
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct MemberTests {
    private static let echo: ScriptedAgent.Script = { agent in
        while true {
            guard let texts = try await agent.receive() else { continue }
            try await agent.reply("answer to \(texts.joined(separator: "+"))")
        }
    }

    private func code(_ body: () async throws -> Void) async -> ChatError.Code? {
        do { try await body() } catch let error as ChatError { return error.code } catch {}
        return nil
    }

    @Test func whoComesInReadsAndWhoLeavesDoesNot() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let (ada, ben) = (try await stage.person("Ada"), try await stage.person("Ben"))
            let service = stage.service
            let room = try await service.createChannel(named: "team", by: ada).id
            let receipt = try await stage.say("plan", by: ada, in: room)
            _ = try await stage.answer(in: receipt.conversation, for: ada)
            #expect(await code { _ = try await service.conversation(receipt.conversation, for: ben) } == .notFound)
            try await service.addMember(ben, to: room, by: ada)
            try await service.addMember(ben, to: room, by: ada)
            #expect(try await service.conversation(receipt.conversation, for: ben).entries.count == 2)
            #expect(try await service.members(of: room, for: ben).map(\.name) == ["Ada", "Ben"])
            try await service.removeMember(ben, from: room, by: ben)
            #expect(await code { _ = try await service.conversation(receipt.conversation, for: ben) } == .notFound)
            #expect(await code { _ = try await service.members(of: room, for: ben) } == .notFound)
            let events = try await stage.database.auditRows(AuditSelection()).compactMap(\.row.event)
            #expect(events.filter { $0.hasPrefix("channel.") } == ["channel.member_added", "channel.member_removed"])
        }
    }

    /// Membership alone opens a room: a role does not.
    @Test func whoMayChangeWhoIsIn() async throws {
        try await Stage(agent: Self.echo).run { stage in
            let service = stage.service
            let (ada, ben) = (try await stage.person("Ada"), try await stage.person("Ben"))
            let admin = try await stage.database.findOrCreatePerson(name: "Cleo", role: .admin).id
            let guest = try await stage.database.findOrCreatePerson(name: "Gus", role: .guest).id
            let room = try await service.createChannel(named: "team", by: ada).id
            #expect(await code { try await service.addMember(admin, to: room, by: admin) } == .notFound)
            #expect(await code { try await service.removeMember(ada, from: room, by: admin) } == .notFound)
            #expect(await code { try await service.removeMember(ada, from: room, by: ada) } == .conflict)
            for person in [ben, admin, guest] { try await service.addMember(person, to: room, by: ada) }
            let eve = try await stage.person("Eve")
            #expect(await code { try await service.addMember(eve, to: room, by: guest) } == .forbidden)
            #expect(await code { try await service.removeMember(ada, from: room, by: ben) } == .forbidden)
            #expect(await code { try await service.removeMember(eve, from: room, by: ada) } == .notFound)
            try await service.removeMember(ben, from: room, by: ada)
            try await service.removeMember(guest, from: room, by: admin)
            #expect(try await service.members(of: room, for: ada).map(\.name) == ["Ada", "Cleo"])
            let dm = try await stage.dm(of: ada)
            #expect(await code { try await service.addMember(ben, to: dm, by: ada) } == .forbidden)
            #expect(await code { try await service.removeMember(ada, from: dm, by: ada) } == .forbidden)
            try await stage.database.deactivate(eve)
            #expect(await code { try await service.addMember(eve, to: room, by: ada) } == .notFound)
        }
    }

    @Test func whatRunsForWhoIsTakenOutEndsAndNothingIsBegun() async throws {
        let hasBegun = Reloadable(false)
        let script: ScriptedAgent.Script = { agent in
            _ = try await agent.receive()
            hasBegun.replace(with: true)
            // At work, and not looking for more.
            for await _ in AsyncStream<Void>.makeStream().stream {}
        }
        try await Stage(agent: script).run { stage in
            let (ada, ben) = (try await stage.person("Ada"), try await stage.person("Ben"))
            let room = try await stage.service.createChannel(named: "team", by: ada).id
            try await stage.service.addMember(ben, to: room, by: ada)
            let receipt = try await stage.say("work", by: ben, in: room)
            while !hasBegun.current { await Task.yield() }
            // It waits until the turn before it is over, and by then its author is out.
            _ = try await stage.say("more", by: ben, in: room, conversation: receipt.conversation)
            try await stage.service.removeMember(ben, from: room, by: ada)
            let notice = try await stage.answer(in: receipt.conversation, for: ada)
            #expect(notice?.text.contains("not in this channel any more") == true, "\(notice?.text ?? "")")
            let second = try await stage.answer(
                in: receipt.conversation, for: ada, after: notice?.sequence ?? 0)
            #expect(second?.text.hasPrefix("This was not begun") == true, "\(second?.text ?? "")")
            #expect(stage.agents.taken.current == 1)
        }
    }
}
