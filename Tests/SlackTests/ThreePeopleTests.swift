import Conversations
import MCP
import Model
import Slack
import Store
import Testing

/// Anna, Ben and Cleo in one thread: nobody is answered who did not ask, what is somebody's own goes to them alone, and
/// everything is whose it is.
@Suite(.timeLimit(.minutes(5))) struct ThreePeopleTests {
    @Test func eachIsAnsweredAsThemselvesAndOnlyWhenTheyAsk() async throws {
        try await Scene().run { scene in
            let root = try await scene.says("UANNA", "<@UBOT> plan the trip")
            try await scene.settled()
            // They talk with each other; since they do, what Anna says is no question either.
            for (user, text) in [("UBEN", "I like trains"), ("UCLEO", "me too"), ("UANNA", "trains it is")] {
                try await scene.says(user, text, thread: root)
            }
            try await scene.settled()
            #expect(scene.texts == ["plan the trip"])
            #expect(try await scene.answers() == ["C1/\(root): re: plan the trip"])

            // What Cleo's turn touches is Cleo's own.
            try await scene.says("UCLEO", "<@UBOT> hold", thread: root)
            try await scene.until { $0.texts.last == "hold" }
            let cleo = try #require(try await scene.people.known("UCLEO"))
            let thread = try #require(try await scene.database.slackThread(root, in: "C1"))
            let session = try #require(
                try await scene.database.liveSession(conversation: thread.conversation, requester: cleo))
            try await scene.database.label(session.id, adding: .private)
            // Ben asks while that is under way: it is his own turn, after hers.
            try await scene.says("UBEN", "<@UBOT> and the hotel?", thread: root)
            try await scene.says("UCLEO", "<@UBOT> what may I spend?", thread: root)
            try await scene.settled()
            #expect(scene.texts == ["plan the trip", "hold", "what may I spend?", "and the hotel?"])
            let answers = try await scene.answers()
            #expect(answers.count == 3, "\(answers)")
            let alone = answers.filter { $0.contains("re: what may I spend?") }
            #expect(alone.count == 1 && alone.allSatisfy { !$0.hasPrefix("C1") && $0.contains("UCLEO") }, "\(answers)")
            #expect(answers.contains("C1/\(root): re: and the hotel?"))
            // The thread hears that there is an answer, and not what it says.
            #expect(answers.contains { $0.hasPrefix("C1/\(root): ") && !$0.contains("re: ") }, "\(answers)")

            let lines = try await scene.transcript(of: root)
            let (anna, ben) = (try await scene.people.known("UANNA"), try await scene.people.known("UBEN"))
            let asked = lines.filter { $0.message.kind == .user }.map { ($0.message.text, $0.message.author) }
            #expect(asked.map(\.0) == ["plan the trip", "hold", "and the hotel?", "what may I spend?"])
            #expect(asked.map(\.1) == [anna, cleo, ben, cleo])
            let heard = lines.filter { $0.message.kind == .context }
            #expect(heard.map(\.message.text) == ["I like trains", "me too", "trains it is"])
            // Of whom nobody had heard by then stands what they are called.
            #expect(heard.map(\.authorName) == ["Ben", "Cleo", lines.first?.authorName])
            // Ben's agent knows who said what, and nothing of what was Cleo's alone.
            let told = (scene.received.last?.objectValue?["transcript"] ?? scene.received.last)?.text ?? ""
            #expect(!told.contains("re: what may I spend?"))
        }
    }
}
