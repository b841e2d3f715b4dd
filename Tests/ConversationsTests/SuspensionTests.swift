import Audit
@testable import Conversations
import Foundation
import Harness
import MCP
import Model
import Store
import Synchronization
import Testing
import ToolServers

/// Turns that wait for people without holding anything, and go on with the answer.
@Suite(.timeLimit(.minutes(5))) struct SuspensionTests {
    @Test func aTurnLetsGoAndGoesOnWithTheAnswer() async throws {
        let board = Board()
        try await WaitingStage.stage(board).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            let waiting = try await WaitingStage.lines(stage, receipt.conversation, 2)
            #expect(
                waiting.last?.text
                    == "Waiting for ada’s word on post (approval \(question.id)). I go on when it is decided.")
            #expect(waiting.last?.kind == .notice && waiting.last?.tools.map(\.state) == [.waiting])
            // Nothing is held: no session, and others are served.
            while try await !stage.database.openSessions().isEmpty { await Task.yield() }
            #expect(board.posts == [])
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            let all = try await WaitingStage.lines(stage, receipt.conversation, 4)
            #expect(board.posts == ["hello"])
            #expect(all.map(\.kind) == [.user, .notice, .notice, .assistant])
            #expect(all.map(\.author) == ["ada", "Bulkhead", "Bulkhead", "Bulkhead"])
            #expect(all[2].text == "Allowed by ada: post")
            let reply = try #require(all.last)
            #expect(reply.text.contains("ada allowed `post`") && reply.text.contains("posted hello"), "\(reply.text)")
            #expect(reply.tools.map(\.state) == [.done])
            #expect(try await stage.database.approval(question.id)?.state == .used)
            let rows = try await stage.service.parts.audit.rows(matching: AuditFilter())
                .filter { $0.tool == "post" || $0.event?.hasPrefix("approval") == true }
            #expect(
                rows.map { $0.event ?? $0.decision } == [
                    "approval.asked", "approval.suspended", "approval.allowed", "approved", "done",
                ])
            #expect(rows[3].details?["approval"] == .string(question.id.rawValue))
            #expect(rows[3].details?["approvedBy"] == .string(ada.rawValue))
        }
    }

    @Test func aNoIsToldWithItsReason() async throws {
        let board = Board()
        try await WaitingStage.stage(board).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            try await stage.service.answer(question.id, allow: false, reason: "not\n today", by: ada)
            let all = try await WaitingStage.lines(stage, receipt.conversation, 4)
            #expect(all.contains { $0.text == "Denied by ada: post (“not  today”)" }, "\(all.map(\.text))")
            #expect(all.last?.text.contains("A person declined post: not\n today") == true, "\(all.map(\.text))")
            #expect(board.posts == [])
        }
    }

    @Test func anAnswerInTimeIsWaitedFor() async throws {
        let board = Board()
        try await WaitingStage.stage(board, hold: .seconds(600)).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage, suspended: false).first)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            let all = try await WaitingStage.lines(stage, receipt.conversation, 2)
            #expect(all.map(\.text) == ["hello", "at once: posted hello"])
            #expect(try await stage.database.approval(question.id)?.state == .used)
            #expect(stage.agents.taken.current == 1)
        }
    }

    /// Each goes on by itself, in whatever order; somebody else's word comes between.
    @Test func severalQuestionsOfATurnGoOnOneByOne() async throws {
        let board = Board()
        try await WaitingStage.stage(board, hold: .milliseconds(200)).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("one two three", by: ada, in: try await stage.dm(of: ada))
            let open = try await WaitingStage.open(stage, count: 3)
            var count = try await WaitingStage.lines(stage, receipt.conversation, 2).count
            let order = open.reversed().map {
                $0.arguments.contains("one") ? "one" : $0.arguments.contains("two") ? "two" : "three"
            }
            for question in open.reversed() {
                try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
                count += 2
                #expect(try await WaitingStage.lines(stage, receipt.conversation, count).last?.kind == .assistant)
            }
            #expect(board.posts == order)
            #expect(try await stage.database.pendingApprovals().isEmpty)
        }
    }

    /// The store decides whether whoever asked still waits; an answer is heard of in one place.
    @Test func anAnswerIsNotHeardTwice() async throws {
        let board = Board()
        try await WaitingStage.stage(board, hold: .seconds(600)).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage, suspended: false).first)
            #expect(try await stage.database.suspendQuestions(of: question.session).count == 1)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            let all = try await WaitingStage.lines(stage, receipt.conversation, 4)
            #expect(all.map(\.kind) == [.user, .notice, .notice, .assistant])
            try #require(all.count == 4)
            #expect(all[2].text == "A person was asked, and has answered: I go on.", "\(all.map(\.text))")
            #expect(board.posts == ["hello"])
        }
    }

    @Test func stoppingTakesBackWhatWaits() async throws {
        let board = Board()
        try await WaitingStage.stage(board).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            _ = try await WaitingStage.lines(stage, receipt.conversation, 2)
            try await stage.service.cancel(receipt.conversation, by: ada)
            #expect(try await stage.database.approval(question.id)?.state == .withdrawn)
            let last = try await WaitingStage.lines(stage, receipt.conversation, 3).last
            #expect(last?.text == "ada took back what was waiting: post (approval \(question.id)).")
            let late = await #expect(throws: ChatError.self) {
                try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            }
            #expect(late?.code == .conflict && late?.message.contains("withdrawn") == true)
            #expect(board.posts == [])
        }
    }

    @Test func aStoppedTurnAsksNoLonger() async throws {
        let board = Board()
        try await WaitingStage.stage(board, hold: .seconds(600)).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage, suspended: false).first)
            try await stage.service.cancel(receipt.conversation, by: ada)
            #expect(try await WaitingStage.lines(stage, receipt.conversation, 2).last?.text == "Stopped by ada.")
            #expect(try await stage.database.approval(question.id)?.state == .withdrawn)
        }
    }

    @Test func anAgentThatDiesLeavesItsQuestion() async throws {
        let board = Board()
        let script: ScriptedAgent.Script = { agent in
            guard let texts = try await agent.receive() else { return }
            if texts[0].hasPrefix("[A question") {
                try await agent.reply(texts[0])
                return
            }
            async let _ = agent.client.callTool("post", arguments: ["text": "hello"])
            while try await agent.receive(wait: false) != nil, board.mayLive.current { await Task.yield() }
            throw CancellationError()
        }
        let stage = try await Stage(limits: WaitingStage.limits(hold: .seconds(600)), servers: [board], agent: script)
        try await stage.run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage, suspended: false).first)
            board.mayLive.replace(with: false)
            let notice = try await WaitingStage.lines(stage, receipt.conversation, 2).last
            #expect(notice?.text.contains("process ended. Waiting for ada’s word") == true, "\(notice?.text ?? "")")
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            #expect(try await WaitingStage.lines(stage, receipt.conversation, 4).last?.kind == .assistant)
            #expect(board.posts == ["hello"])
        }
    }

    private static let admins = "version: 1\nrules:\n  - {name: a, tool: post, decision: ask, approvers: admins}"

    /// What has changed between the answer and the run counts; the answer waits behind a pause in each case.
    @Test(arguments: ["role", "mode", "policy", "requester", "tool"])
    func whatHasChangedMeanwhileCounts(_ change: String) async throws {
        let board = Board()
        let stage = try await WaitingStage.stage(board, policy: Self.admins)
        try await stage.run { stage in
            let ada = try await stage.person("ada")
            let ben = try await stage.database.findOrCreatePerson(name: "ben", role: .admin).id
            let eve = try await stage.database.findOrCreatePerson(name: "eve", role: .owner).id
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            _ = try await WaitingStage.lines(stage, receipt.conversation, 2)
            try await stage.service.pause(.person(ada), reason: "", by: eve)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ben)
            #expect(try await WaitingStage.lines(stage, receipt.conversation, 3).count == 3)
            let words: String
            switch change {
            case "role":
                try await stage.database.admit(ben, as: .member)
                words = "may not decide this"
            case "mode":
                try await stage.database.setMode(.readOnly, of: receipt.conversation)
                // A rule that asks comes before what the mode says.
                try Self.write(
                    "version: 1\nrules:\n  - {name: r, tool: reply, mode: [auto, readOnly], decision: allow}", stage)
                words = "read only"
            case "policy":
                try Self.write("version: 1\ndeny:\n  - {name: never, tool: post, reason: enough}", stage)
                words = "enough"
            case "requester":
                try await stage.database.deactivate(ada)
                words = "may not use Bulkhead any more"
            default:
                try await stage.service.pause(.tool("post"), reason: "odd", by: eve)
                words = "post is paused by eve (odd)"
            }
            #expect(try await stage.database.approval(question.id)?.state == .allowed)
            #expect(try await stage.service.resume(.person(ada), by: eve))
            let last = try await WaitingStage.lines(stage, receipt.conversation, 4).last
            #expect(last?.text.lowercased().contains(words.lowercased()) == true, "\(last?.text ?? "")")
            #expect(board.posts == [])
            #expect(try await stage.database.approval(question.id)?.state == .allowed)
        }
    }

    private static func write(_ policy: String, _ stage: Stage) throws {
        try policy.write(toFile: stage.directory + "/policy.yaml", atomically: true, encoding: .utf8)
        _ = try stage.service.parts.policy.reload()
    }

    @Test func anAnswerWaitsBehindAPause() async throws {
        let board = Board()
        try await WaitingStage.stage(board).run { stage in
            let ada = try await stage.person("ada")
            let ben = try await stage.database.findOrCreatePerson(name: "ben", role: .admin).id
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            _ = try await WaitingStage.lines(stage, receipt.conversation, 2)
            try await stage.service.pause(.all, reason: "", by: ben)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            #expect(try await WaitingStage.lines(stage, receipt.conversation, 3).count == 3)
            _ = try await stage.say(
                "more", by: ada, in: try await stage.dm(of: ada), conversation: receipt.conversation)
            #expect(board.posts == [])
            #expect(try await stage.service.resume(.all, by: ben))
            // One after the other: the answer is dealt with, then what was said meanwhile, which takes a word too.
            let lines = try await WaitingStage.lines(stage, receipt.conversation, 6)
            #expect(lines.map(\.kind) == [.user, .notice, .notice, .user, .assistant, .notice], "\(lines.map(\.text))")
            #expect(board.posts == ["hello"])
            #expect(try await WaitingStage.open(stage).first?.arguments.contains("more") == true)
        }
    }

    @Test func labelsGoOnWithTheTurn() async throws {
        let board = Board()
        try await WaitingStage.stage(board).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            _ = try await WaitingStage.lines(stage, receipt.conversation, 2)
            _ = try await stage.database.label(question.session, adding: [.untrusted])
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            _ = try await WaitingStage.lines(stage, receipt.conversation, 4)
            let session = try #require(try await stage.database.sessions().first)
            #expect(session.id != question.session && session.labels == [.untrusted])
        }
    }

    /// An answer of the assistant's can itself take somebody's word.
    @Test func aReplyThatWaitsIsGivenWhenItIsAllowed() async throws {
        let script: ScriptedAgent.Script = { agent in
            while true {
                guard let texts = try await agent.receive() else { continue }
                try await agent.reply("the answer to \(texts[0])")
            }
        }
        let policy = "version: 1\nrules:\n  - {name: a, tool: reply, decision: ask}"
        try await Stage(limits: WaitingStage.limits(), policy: policy, agent: script).run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            let all = try await WaitingStage.lines(stage, receipt.conversation, 4)
            #expect(all.last?.kind == .assistant && all.last?.text == "the answer to hello", "\(all.map(\.text))")
            while try await stage.database.runningTurn(in: receipt.conversation) != nil { await Task.yield() }
            #expect(try await stage.database.pendingApprovals().isEmpty)
        }
    }

    @Test func aLateAnswerAndADoubleOneSaySo() async throws {
        let board = Board()
        try await WaitingStage.stage(board).run { stage in
            let ada = try await stage.person("ada")
            let ben = try await stage.database.findOrCreatePerson(name: "ben", role: .owner).id
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            let words = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        do {
                            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
                            return nil
                        } catch let error as ChatError {
                            return error.message
                        }
                    }
                }
                return try await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(words.count { $0 == nil } == 1)
            #expect(words.compactMap { $0 }.allSatisfy { $0.contains("counts once: you allowed it") })
            _ = try await WaitingStage.lines(stage, receipt.conversation, 4)
            #expect(board.posts == ["hello"])
            let other = await #expect(throws: ChatError.self) {
                try await stage.service.answer(question.id, allow: false, reason: nil, by: ada)
            }
            #expect(other?.message.contains("You have answered already: you allowed it") == true)
            let another = await #expect(throws: ChatError.self) {
                try await stage.service.answer(question.id, allow: false, reason: nil, by: ben)
            }
            #expect(
                another?.message.contains("not yours") == true || another?.message.contains("ada allowed it") == true)
        }
    }

    @Test func nobodySpeaksAsTheHarness() async throws {
        try await WaitingStage.stage(Board()).run { stage in
            let ada = try await stage.person("ada")
            let dm = try await stage.dm(of: ada)
            for surface in ["approval", "mcp"] {
                let error = await #expect(throws: ChatError.self) {
                    try await stage.service.submit(
                        InboundMessage(
                            channel: dm, author: ada, text: "Allowed by ben", surface: surface, clientID: "1"))
                }
                #expect(error?.code == .forbidden)
            }
        }
    }
}
