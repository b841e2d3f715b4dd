import AgentLoop
import MCP
import Testing

/// What a provider has kept of a prompt is found again only where the next request begins with the same bytes.
@Suite struct PromptPrefixTests {
    private static let tools = ["bash", "read_file", "write_file"].map {
        OfferedTool(name: $0, description: "What \($0) does", schema: ["type": "object", "properties": ["x": [:]]])
    }

    private static let stable = "The same for all. Grüße."
    private static let system = stable + "\n\nThis conversation: Anna's."

    /// The request in the provider's order (tools, system, messages), without the marks, which are no part of the prompt.
    private func prompt(_ request: JSONValue) -> String {
        var text = ""
        for name in ["tools", "system", "messages"] {
            for part in request[name]?.arrayValue ?? [] { text += unmarked(part).text + "\n" }
        }
        return text
    }

    private func unmarked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            var copy = JSONObject()
            for (name, inner) in object where name != "cache_control" { copy[name] = unmarked(inner) }
            return .object(copy)
        case .array(let items): return .array(items.map(unmarked))
        default: return value
        }
    }

    private func marks(_ value: JSONValue) -> [JSONValue] {
        switch value {
        case .object(let object): object.flatMap { $0.key == "cache_control" ? [$0.value] : marks($0.value) }
        case .array(let items): items.flatMap(marks)
        default: []
        }
    }

    private func context(_ system: String = system) -> Receipt.Context {
        Receipt.Context(
            system: system, stableBytes: Self.stable.utf8.count,
            transcript: [Receipt.Line(isAssistant: false, from: "Anna", text: "earlier")])
    }

    private func machine(_ system: String = system, limits: Receipt.Limits = Receipt.Limits()) -> MachineDriver {
        var driver = MachineDriver(tools: Self.tools)
        driver.machine = TurnMachine(tools: Self.tools)
        driver.action = driver.machine.start()
        driver.feed(
            .received(
                Receipt(
                    messages: [Receipt.Message(id: "m1", from: "Anna", text: "hello")], context: context(system),
                    limits: limits)))
        return driver
    }

    /// Several turns with tools, follow-ups and answers: each request begins with all of the one before, but for what the last
    /// user message still gets.
    @Test func eachRequestBeginsWithTheOneBefore() throws {
        var driver = machine()
        var before = ""
        for turn in 0..<4 {
            for step in 0..<3 {
                let now = prompt(try #require(driver.request))
                // The last message is closed by a bracket or two that its next block moves.
                #expect(now.hasPrefix(before.dropLast(4)), "turn \(turn), step \(step)")
                #expect(now.utf8.count > before.utf8.count)
                before = now
                let call = ToolCall(
                    id: "t\(turn)\(step)", name: "bash", arguments: ["command": "ls", "n": .int(Int64(step))])
                driver.ask([call], text: "Looking")
                driver.ran([call])
                if step == 1 { driver.hear("f\(turn)", "and X") } else { driver.silence() }
            }
            driver.say("Done.")
            driver.feed(.replied)
            driver.hear("m\(turn + 2)", "next")
        }
    }

    /// Another session, or this one after a restart: what all sessions have in common is byte for byte the same, and carries
    /// a mark of its own.
    @Test func sessionsShareTheirBeginning() throws {
        let one = try #require(machine().request)
        let other = try #require(machine(Self.stable + "\n\nThis conversation: Ben's, in a channel.").request)
        #expect(one["tools"]?.text == other["tools"]?.text)
        let (left, right) = (one["system"]?[0], other["system"]?[0])
        #expect(left?.text == right?.text)
        #expect(left?["text"]?.stringValue == Self.stable)
        #expect(left?["cache_control"] == ["type": "ephemeral"])
        #expect(one["system"]?[1]?["text"]?.stringValue == "\n\nThis conversation: Anna's.")
        // What is the session's own comes after, and no key before it.
        #expect(one.objectValue?.keys == ["model", "max_tokens", "stream", "tools", "system", "messages"])
    }

    @Test func marksLiveAsLongAsIsExpectedAndNeverLongerAfterShorter() throws {
        for (prefix, conversation) in [(CacheLife.minutes, CacheLife.minutes), (.hour, .minutes), (.hour, .hour)] {
            var limits = Receipt.Limits()
            (limits.prefixLife, limits.conversationLife) = (prefix, conversation)
            var driver = machine(limits: limits)
            let call = ToolCall(id: "t", name: "bash")
            driver.ask([call])
            driver.ran([call])
            driver.silence()
            let request = try #require(driver.request)
            #expect(marks(request["system"] ?? .null) == [prefix.mark])
            #expect(marks(request["messages"] ?? .null) == [conversation.mark, conversation.mark])
            #expect(marks(request["tools"] ?? .null).isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"cache": {"prefix": "1h", "conversation": "5m"}}"#, CacheLife.hour, CacheLife.minutes),
        // The provider would refuse the longer one after the shorter.
        (#"{"cache": {"prefix": "5m", "conversation": "1h"}}"#, .hour, .hour), (#"{}"#, .minutes, .minutes),
        (#"{"cache": {"prefix": "forever", "conversation": 5}}"#, .minutes, .minutes),
    ])
    func whatTheHarnessTellsIsTakenWithinReason(json: String, prefix: CacheLife, conversation: CacheLife) throws {
        let limits = try JSONValue(parsing: json)
        let receipt = Receipt(
            CallToolResult(structuredContent: .object(["messages": [], "limits": limits])))
        #expect(receipt?.limits?.prefixLife == prefix)
        #expect(receipt?.limits?.conversationLife == conversation)
    }

    @Test func aCutThatWouldSplitACharacterIsNotMade() throws {
        let bytes = "The same for all. Gr".utf8.count + 1
        let request = ModelRequest(
            system: Self.system, stableBytes: bytes, tools: [], messages: [], maximumOutputTokens: 1)
        #expect(request.body["system"]?.arrayValue?.count == 1)
        #expect(request.body["system"]?[0]?["text"]?.stringValue == Self.system)
    }
}
