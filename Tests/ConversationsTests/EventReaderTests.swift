import Conversations
import Model
import Store
import Testing

/// Readers that come late, and those that read on.
@Suite(.timeLimit(.minutes(5))) struct EventReaderTests {
    private static func fill(_ stage: Stage, _ conversation: ConversationID, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask { try await stage.database.addNotice(conversation: conversation, text: "line") }
            }
            try await group.waitForAll()
        }
    }

    private static func sequences(
        _ stage: Stage, _ conversation: ConversationID, _ person: PersonID, after: Int64 = 0, until last: Int64
    ) async throws -> [Int64] {
        var seen: [Int64] = []
        for await event in try await stage.service.events(of: conversation, after: after, for: person) {
            if case .entry(let entry) = event {
                seen.append(entry.sequence)
                if entry.sequence >= last { break }
            }
        }
        return seen
    }

    @Test func aReaderFarBehindGetsEverythingOnceAndThenWhatHappens() async throws {
        let stage = try await Stage { agent in while true { _ = try await agent.receive() } }
        let ada = try await stage.person("Ada")
        let dm = try await stage.dm(of: ada)
        let first = try await stage.say("hello", by: ada, in: dm)
        _ = try await stage.database.cancelPending(in: first.conversation, author: ada)
        try await Self.fill(stage, first.conversation, 2600)
        let service = stage.service
        var seen: [Int64] = []
        var isToldOfTheEnd = false
        for await event in try await service.events(of: first.conversation, after: 0, for: ada) {
            switch event {
            case .entry(let entry):
                seen.append(entry.sequence)
                // While it reads its history, the conversation goes on.
                if entry.sequence == 50 { try await Self.fill(stage, first.conversation, 400) }
                if entry.sequence == 3001 {
                    _ = try await stage.say("live", by: ada, in: dm, conversation: first.conversation)
                }
            case .done: isToldOfTheEnd = true
            default: break
            }
            if seen.last == 3002 { break }
        }
        #expect(seen == Array(1...3002))
        #expect(!isToldOfTheEnd || seen.count >= 3001)
        #expect(
            try await Self.sequences(stage, first.conversation, ada, after: 2990, until: 3002) == Array(2991...3002))
    }

    /// Two writers publish in whatever order they come to it; a reader gets both, in the order they were stored.
    @Test func anEntryHeardOfBeforeItsPredecessorBringsBoth() async throws {
        let stage = try await Stage { agent in while true { _ = try await agent.receive() } }
        let ada = try await stage.person("Ada")
        let first = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
        _ = try await stage.database.cancelPending(in: first.conversation, author: ada)
        var seen: [Int64] = []
        for await event in try await stage.service.events(of: first.conversation, after: 0, for: ada) {
            switch event {
            case .done where seen == [1]:
                // Listening. Three are stored, and told of from the last to the first.
                try await Self.fill(stage, first.conversation, 3)
                let stored = try await stage.service.conversation(first.conversation, for: ada).entries
                for entry in stored.reversed() { stage.hub.publish(.entry(entry), in: first.conversation) }
                stage.hub.publish(.state("over"), in: first.conversation)
            case .entry(let entry): seen.append(entry.sequence)
            default: break
            }
            if case .state("over") = event { break }
        }
        #expect(seen == [1, 2, 3, 4])
    }

    /// The store is what counts: an entry that nobody told of is there when its turn is said to be over.
    @Test func theEndOfATurnBringsWhatNobodyToldOf() async throws {
        let stage = try await Stage { agent in while true { _ = try await agent.receive() } }
        let ada = try await stage.person("Ada")
        let first = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
        _ = try await stage.database.cancelPending(in: first.conversation, author: ada)
        var seen: [String] = []
        for await event in try await stage.service.events(of: first.conversation, after: 0, for: ada) {
            switch event {
            case .entry(let entry): seen.append(entry.text)
            case .done:
                seen.append("done")
                if seen.count == 2 {
                    try await Self.fill(stage, first.conversation, 1)
                    stage.hub.publish(.done, in: first.conversation)
                }
            default: break
            }
            if seen.count == 4 || seen.last == "done" && seen.count > 2 { break }
        }
        #expect(seen == ["hello", "done", "line", "done"])
    }
}
