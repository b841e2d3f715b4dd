import Foundation
import MCP
import Model
import Slack
import SlackAPI
import Store
import Synchronization
import Testing

/// What went wrong elsewhere, by its number in the list.
@Suite(.timeLimit(.minutes(5))) struct InboundLessonTests {
    /// Slack delivers an event twice, or as two event types: the assistant answers twice.
    @Test func lesson1AMentionThatComesTwiceAndAsTwoTypesIsAnsweredOnce() async throws {
        try await Scene().run { scene in
            let ts = try await scene.says("UANNA", "<@UBOT> what is up?", as: ["app_mention", "message"])
            try await scene.tell(
                [
                    "type": "message", "channel": "C1", "user": "UANNA", "text": "<@UBOT> what is up?",
                    "ts": .string(ts),
                ],
                id: "Ev1")
            try await scene.settled()
            try await scene.tell(
                [
                    "type": "app_mention", "channel": "C1", "user": "UANNA", "text": "<@UBOT> what is up?",
                    "ts": .string(ts),
                ])
            try await scene.settled()
            #expect(scene.texts == ["what is up?"])
            #expect(try await scene.answers() == ["C1/\(ts): re: what is up?"])
        }
    }

    /// Messages from two threads handled as one batch; only one gets an answer.
    @Test func lesson4TwoThreadsAreTwoQuestions() async throws {
        try await Scene().run { scene in
            let one = try await scene.says("UANNA", "<@UBOT> one?")
            let two = try await scene.says("UANNA", "<@UBOT> two?")
            try await scene.settled()
            #expect(Set(try await scene.answers()) == ["C1/\(one): re: one?", "C1/\(two): re: two?"])
        }
    }

    /// The bot's own first reply opens a thread, and the person's next message there starts a stranger with no memory.
    @Test func lesson5TheNextMessageInTheThreadIsTheSameConversation() async throws {
        try await Scene().run { scene in
            let ts = try await scene.says("UANNA", "<@UBOT> remember 42")
            try await scene.settled()
            let reply = try await scene.says(
                FakeWorkspace.us, "re: remember 42", thread: ts, ["bot_id": "BBOT"])
            _ = try await scene.says("UANNA", "what did I say?", thread: ts)
            try await scene.settled()
            #expect(scene.texts == ["remember 42", "what did I say?"])
            #expect(
                try await scene.transcript(of: ts).map(\.message.text)
                    == ["remember 42", "re: remember 42", "what did I say?", "re: what did I say?"])

            // In a direct conversation the answers stand at top level, and people reply in threads under them.
            let direct = try await scene.says("UANNA", "remember 43", in: "D1")
            try await scene.settled()
            let answer = try await scene.says(
                FakeWorkspace.us, "re: remember 43", in: "D1", ["bot_id": "BBOT"])
            _ = try await scene.says("UANNA", "what now?", in: "D1", thread: answer)
            try await scene.settled()
            let last = try #require(scene.received.last)
            let known = (last["transcript"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
            #expect(known == ["remember 43", "re: remember 43"], "\(direct) \(reply)")
        }
    }

    /// The process was down for an hour: everything said meanwhile is lost; or a hundred stale replies are sent at once.
    @Test func lesson6WhatWasSaidMeanwhileIsReadAndTheRecentOfItAnswered() async throws {
        try await Scene().run { scene in
            let first = try await scene.says("UANNA", "<@UBOT> before")
            try await scene.settled()
            _ = try await scene.answers()
            // Down from here.
            let stale = try await scene.says("UBEN", "<@UBOT> stale", isHeard: false)
            _ = try await scene.says("UBEN", "still there?", thread: stale, isHeard: false)
            _ = try await scene.says("UANNA", "and this?", thread: first, isHeard: false)
            _ = try await scene.says("UCLEO", "small talk", isHeard: false)
            scene.clock.advance(by: .seconds(3600))
            let recent = try await scene.says("UCLEO", "<@UBOT> recent", isHeard: false)
            scene.clock.advance(by: .seconds(60))
            scene.inbound.catchUpNow()
            let answers = try await scene.answers(3)
            try await scene.settled()
            #expect(answers.contains("C1/\(recent): re: recent"))
            #expect(scene.texts == ["before", "recent"])
            for thread in [stale, first] {
                let told = answers.filter { $0.hasPrefix("C1/\(thread): I was not running when this was said") }
                #expect(told.count == 1, "\(answers)")
            }
            #expect(answers.count == 3, "\(answers)")
            // It is known all the same, and found once, however often it is looked for.
            #expect(try await scene.transcript(of: stale).map(\.message.text).contains("stale"))
            scene.inbound.catchUpNow()
            _ = try await scene.says("UANNA", "<@UBOT> go on", thread: first)
            try await scene.settled()
            #expect(try await scene.answers() == ["C1/\(first): re: go on"])
            let last = try #require(scene.received.last)
            let told = (last["context"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
            #expect(told == ["and this?"])
        }
    }

    @Test func lesson6AHundredStaleMentionsAreNoFlood() async throws {
        var options = SlackInboundOptions()
        options.skipNotices = 3
        try await Scene(options: options).run { scene in
            _ = try await scene.says("UANNA", "<@UBOT> before")
            try await scene.settled()
            _ = try await scene.answers()
            for number in 0..<100 { try await scene.says("UBEN", "<@UBOT> stale \(number)", isHeard: false) }
            scene.clock.advance(by: .seconds(3600))
            scene.inbound.catchUpNow()
            try await scene.until { try await $0.database.slackEventCounts().waiting > 0 }
            try await scene.settled()
            let answers = try await scene.answers()
            #expect(answers.count == 3 && answers.allSatisfy { $0.contains("I was not running") }, "\(answers)")
            #expect(scene.texts == ["before"])
        }
    }

    /// A person speaks while a run is under way: it is lost, or starts a second run in parallel.
    @Test func lesson7WhatIsSaidDuringATurnSteersIt() async throws {
        try await Scene().run { scene in
            let ts = try await scene.says("UANNA", "<@UBOT> hold")
            try await scene.until { $0.texts == ["hold"] }
            _ = try await scene.says("UANNA", "make it quick", thread: ts)
            try await scene.settled()
            #expect(scene.texts == ["hold", "make it quick"])
            #expect(try await scene.answers() == ["C1/\(ts): re: make it quick"], "one turn, one answer")
        }
    }

    /// Slack tells in any order: what was said to a question counts as that, whichever of the two comes first.
    @Test func lesson7AReplyThatComesBeforeItsQuestionIsAnsweredToo() async throws {
        try await Scene().run { scene in
            let question = SlackTimestamp(scene.clock.tick()).text
            let chat = try await scene.says("UBEN", "lunch?")
            _ = try await scene.says("UANNA", "and this too", thread: question)
            try await scene.settled()
            #expect(scene.texts.isEmpty)
            _ = try await scene.says("UANNA", "<@UBOT> first", ts: question)
            try await scene.settled()
            #expect(scene.texts == ["first", "and this too"])
            #expect(
                try await scene.answers() == ["C1/\(question): re: first", "C1/\(question): re: and this too"])
            // In a thread of other people's, likewise; what they say to each other stays theirs.
            let called = SlackTimestamp(scene.clock.tick()).text
            _ = try await scene.says("UANNA", "also this", thread: chat)
            _ = try await scene.says("UCLEO", "soup", thread: chat)
            try await scene.settled()
            _ = try await scene.says("UANNA", "<@UBOT> who eats here?", ts: called, thread: chat)
            try await scene.settled()
            #expect(scene.texts == ["first", "and this too", "who eats here?"], "ben is there: a mention it takes")
            let lines = try await scene.transcript(of: chat).map(\.message.text)
            #expect(lines.contains("also this") && lines.contains("soup"))
        }
    }

    /// The first question is told of last, when others have joined and a mention has opened the thread already.
    @Test func lesson7WhatCameInTheWrongOrderIsAnsweredWhateverOpenedTheThread() async throws {
        try await Scene().run { scene in
            let question = SlackTimestamp(scene.clock.tick()).text
            let second = try await scene.says("UANNA", "second", thread: question)
            _ = try await scene.says("UBEN", "I wonder too", thread: question)
            try await scene.settled()
            _ = try await scene.says("UANNA", "<@UBOT> third", thread: question)
            try await scene.settled()
            #expect(scene.texts == ["third"])
            _ = try await scene.says("UANNA", "<@UBOT> first", ts: question)
            try await scene.settled()
            #expect(scene.texts == ["third", "first", "second"])
            #expect(try await scene.answers().count == 3)
            let lines = try await scene.transcript(of: question)
            #expect(lines.count { $0.message.eventID == "C1:\(second)" } == 1)
        }
    }

    /// Who joined a thread after something was said makes it no less a question.
    @Test func lesson7WhatWasSaidBeforeOthersCameIsAnswered() async throws {
        try await Scene().run { scene in
            let question = try await scene.says("UANNA", "<@UBOT> first")
            try await scene.settled()
            let followUp = SlackTimestamp(scene.clock.tick()).text
            _ = try await scene.says("UBEN", "interesting", thread: question)
            try await scene.settled()
            _ = try await scene.says("UANNA", "second", ts: followUp, thread: question)
            _ = try await scene.says("UANNA", "to ben", thread: question)
            try await scene.settled()
            #expect(scene.texts == ["first", "second"])
        }
    }

    /// A company's accounts are a few calls, not one for each of them.
    @Test func lesson6PeopleAreLookedAfterTogether() async throws {
        try await Scene().run { scene in
            for number in 0..<50 {
                scene.workspace.add(user: "UP\(number)", "Person \(number)")
                _ = try await scene.database.makePerson(called: "Person \(number)", account: "UP\(number)", on: "slack")
            }
            scene.inbound.catchUpNow()
            try await scene.until { $0.people.changes.withLock { $0.count } >= 50 }
            _ = try await scene.says("UP1", "hello", in: "D1")
            try await scene.settled()
            #expect(scene.texts == ["hello"])
            #expect(scene.workspace.state.withLock { $0.lookUps } == 0)
            // Where Slack lists nobody, each is asked about.
            scene.workspace.state.withLock { $0.listsNobody = true }
            scene.clock.advance(by: .seconds(1))
            scene.inbound.catchUpNow()
            try await scene.until { $0.people.changes.withLock { $0.count } >= 100 }
            #expect(scene.workspace.state.withLock { $0.lookUps } >= 50)
        }
    }

    /// "thanks, but also check X" is taken for a thank-you and dropped.
    @Test func lesson9ThanksThatGoOnAreAnswered() async throws {
        try await Scene().run { scene in
            let ts = try await scene.says("UANNA", "<@UBOT> check A")
            try await scene.settled()
            _ = try await scene.says("UANNA", "thanks, but also check X", thread: ts)
            try await scene.settled()
            #expect(scene.texts == ["check A", "thanks, but also check X"])
        }
    }

    /// The first mention in a thread queued behind a concurrency cap is never processed, because its cursor was never
    /// written.
    @Test func lesson10WhatWaitsBehindACapIsWorkedOffAlsoByTheNextProcess() async throws {
        var options = SlackInboundOptions()
        options.parallel = 1
        let workspace = FakeWorkspace()
        let clock = MovableClock()
        let folder = FileManager.default.temporaryDirectory.appending(path: "scene-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let first = try await Scene(
            directory: folder.path, workspace: workspace, clock: clock, options: options)
        let threads = Mutexed<[String]>([])
        // One is stuck in Slack's answer, nine wait behind it; then the process ends.
        workspace.state.withLock { $0.isHeld = true }
        try await first.run { scene in
            for number in 0..<10 {
                let ts = try await scene.says("UANNA", "<@UBOT> question \(number)")
                threads.change { $0.append(ts) }
            }
            #expect(try await scene.database.slackEventCounts().waiting == 10)
        }
        #expect(try await first.database.slackEventCounts() == (waiting: 10, failed: 0))
        workspace.state.withLock { $0.isHeld = false }
        first.close()
        let second = try await Scene(
            directory: folder.path, workspace: workspace, clock: clock, options: options)
        try await second.run { scene in
            try await scene.settled()
            let answers = try await scene.answers()
            #expect(
                Set(answers) == Set(threads.value.enumerated().map { "C1/\($0.element): re: question \($0.offset)" }))
        }
    }

    /// Passive listening turns into replying unasked. Two bots answer each other for ever.
    @Test func lesson11WhatIsOverheardIsNotAnsweredAndProgramsStop() async throws {
        let workspace = FakeWorkspace()
        workspace.add(user: "UPAGER", "Pager", ["is_bot": true])
        workspace.add(user: "UOTHER", "Other", ["is_bot": true])
        try await Scene(workspace: workspace).run { scene in
            let anna = try await scene.people.person(
                of: SlackAccount(id: "UANNA", name: "Anna", team: "T1"))
            scene.people.principals.withLock { $0["UPAGER"] = anna }
            _ = try await scene.says("UANNA", "the build is red")
            _ = try await scene.says("UBEN", "ask <@UCLEO>")
            let other = try await scene.says(
                "UOTHER", "<@UBOT> deploy", ["bot_id": "BOTHER", "subtype": "bot_message"])
            let ts = try await scene.says("UPAGER", "<@UBOT> alarm", ["bot_id": "BPAGER", "subtype": "bot_message"])
            try await scene.settled()
            #expect(scene.texts == ["alarm"])
            #expect(try await scene.database.slackThread(other, in: "C1") == nil)
            for number in 0..<10 {
                _ = try await scene.says(
                    "UPAGER", "<@UBOT> alarm \(number)", thread: ts, ["bot_id": "BPAGER", "subtype": "bot_message"])
            }
            try await scene.settled()
            // At top level the first one counted for the channel, in the thread three were answered.
            #expect(scene.texts == ["alarm", "alarm 0", "alarm 1", "alarm 2"])
            _ = try await scene.says("UBEN", "I see", thread: ts)
            _ = try await scene.says(
                "UPAGER", "<@UBOT> one more", thread: ts, ["bot_id": "BPAGER", "subtype": "bot_message"])
            try await scene.settled()
            #expect(scene.texts.last == "one more", "a person spoke")
        }
    }
}
