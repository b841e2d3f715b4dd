import MCP
import Model
import Store
import Synchronization
import Testing

@testable import Conversations

/// The part of a prompt that is the company's: the same bytes for everybody, everywhere, today and after a restart. Where
/// this breaks, every session pays for it anew and nobody notices.
@Suite(.timeLimit(.minutes(5))) struct PromptPrefixTests {
    private final class Seen: Sendable {
        struct Beginning: Hashable, Sendable {
            var tools: String
            var stable: String
            var own: String
            var cache: JSONValue?
        }

        private let all = Mutex<[Beginning]>([])
        var beginnings: [Beginning] { all.withLock { $0 } }

        var script: ScriptedAgent.Script {
            { agent in
                while true {
                    let got = try await agent.client.callTool("receive", arguments: ["wait": true]).structuredContent
                    if let context = got?["context"], let system = context["system"]?.stringValue {
                        let stable = Int(context["stableBytes"]?.intValue ?? 0)
                        let tools = try await agent.client.listTools()
                        self.note(
                            tools.map { "\($0.name) \($0.description) \($0.inputSchema.text)" }.joined(),
                            Array(system.utf8), stable, got?["limits"]?["cache"])
                    }
                    guard got?["messages"]?.arrayValue?.isEmpty == false else { continue }
                    try await agent.reply("ok")
                }
            }
        }

        private func note(_ tools: String, _ system: [UInt8], _ stable: Int, _ cache: JSONValue?) {
            let beginning = Beginning(
                tools: tools, stable: String(decoding: system[..<stable], as: UTF8.self),
                own: String(decoding: system[stable...], as: UTF8.self), cache: cache)
            all.withLock { $0.append(beginning) }
        }
    }

    private func talk(_ seen: Seen, directory: String? = nil) async throws -> Stage {
        let stage =
            if let directory { try await Stage(directory: directory, agent: seen.script) } else {
                try await Stage(agent: seen.script)
            }
        try await stage.run { stage in
            let (anna, ben) = (try await stage.person("anna"), try await stage.person("ben"))
            let room = try await stage.database.createRoom(named: "sales-\(UInt32.random(in: 0 ... .max))", by: anna).id
            for (person, channel) in [
                (anna, try await stage.dm(of: anna)), (ben, try await stage.dm(of: ben)), (anna, room),
            ] {
                let receipt = try await stage.say("hello", by: person, in: channel)
                _ = try await stage.answer(in: receipt.conversation, for: person)
            }
        }
        return stage
    }

    @Test func itIsTheSameForEverybodyAndAfterARestart() async throws {
        let seen = Seen()
        let stage = try await talk(seen)
        stage.database.close()
        _ = try await talk(seen, directory: stage.directory)
        let beginnings = seen.beginnings
        #expect(beginnings.count == 6)
        #expect(Set(beginnings.map(\.stable)).count == 1)
        // One tool more where the requester's own files are not there from the start.
        #expect(Set(beginnings.map(\.tools)).count <= 2)
        #expect(beginnings[0].tools == beginnings[1].tools && beginnings[0].tools == beginnings[3].tools)
        #expect(beginnings[2].tools == beginnings[5].tools)
        let stable = try #require(beginnings.first?.stable)
        #expect(stable.utf8.count > 1500)
        for name in ["anna", "ben", "sales", "direct conversation"] { #expect(!stable.contains(name)) }
        // What differs is there, and comes after.
        #expect(Set(beginnings.map(\.own)).count == 6)
        #expect(beginnings.allSatisfy { $0.own.contains("This conversation: You are in a ") })
        #expect(beginnings[0].own.contains("anna") && beginnings[2].own.contains("sales"))
        #expect(beginnings[0].cache == ["prefix": "5m", "conversation": "5m"])
    }

    @Test(
        arguments: [
            (nil, "5m"), (1, "5m"), (270, "5m"), (271, "1h"), (1800, "1h"), (3299, "1h"), (3300, "5m"), (90_000, "5m"),
        ] as [(Int?, String)])
    func aPromptIsKeptUntilItIsExpectedToBeUsedAgain(seconds: Int?, word: String) {
        #expect(PromptLife.word(expecting: seconds.map { .seconds($0) }) == word)
    }

    @Test(arguments: [(0, 0, ""), (0, 100, " (0% from the prompt cache)"), (875, 1000, " (88% from the prompt cache)")])
    func theHitRatioIsShown(cached: Int, input: Int, words: String) {
        #expect(AnswerFacts.fromCache(cached, of: input) == words)
    }
}
