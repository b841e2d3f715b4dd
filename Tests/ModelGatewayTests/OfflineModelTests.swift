import MCP
import Testing

@testable import ModelGateway

/// Plays a turn: answers the model's calls until it is done.
private struct Turn {
    static let tools: JSONValue = .array(
        [
            ("bash", ["command"]), ("read_file", ["path"]), ("write_file", ["path", "content"]),
            ("edit_file", ["path", "old_string", "new_string"]), ("glob", ["pattern", "path"]),
            ("grep", ["pattern", "path"]), ("mcp__x__publish_file", ["file_path"]), ("remember", ["fact"]),
        ].map { name, properties in
            var schema = JSONObject()
            for property in properties { schema[property] = ["type": "string"] }
            return ["name": .string(name), "input_schema": ["type": "object", "properties": .object(schema)]]
        })

    var messages: [JSONValue]
    var calls: [[(name: String, input: JSONObject)]] = []
    var pauses: [Int] = []
    var final = ""

    init(
        _ text: String, before: [JSONValue] = [],
        answering: (String, JSONObject) -> (String, Bool) = { name, _ in (name, false) }
    ) {
        messages = before + [["role": "user", "content": [["type": "text", "text": .string(text)]]]]
        for _ in 0..<60 {
            let answer = OfflineModel.answer(["tools": Self.tools, "messages": .array(messages)])
            var content: [JSONValue] = []
            var results: [JSONValue] = []
            var round: [(name: String, input: JSONObject)] = []
            final = ""
            for piece in answer.pieces {
                switch piece {
                case .text(let text):
                    final += text + "\n"
                    content.append(["type": "text", "text": .string(text)])
                case .pause(let seconds): pauses.append(seconds)
                case .toolUse(let id, let name, let input):
                    round.append((name, input))
                    content.append([
                        "type": "tool_use", "id": .string(id), "name": .string(name), "input": .object(input),
                    ])
                    let (text, failed) = answering(name, input)
                    results.append([
                        "type": "tool_result", "tool_use_id": .string(id), "is_error": .bool(failed),
                        "content": [["type": "text", "text": .string(text)]],
                    ])
                }
            }
            messages.append(["role": "assistant", "content": .array(content)])
            guard !round.isEmpty else { return }
            calls.append(round)
            messages.append(["role": "user", "content": .array(results)])
        }
        Issue.record("the turn does not end")
    }
}

@Suite struct OfflineModelTests {
    @Test func drivesEveryToolWithTheArgumentsOfItsSchema() {
        let turn = Turn(
            """
            run ls
            read a.txt
            write b.txt: text
            edit b.txt: text => more
            find *.csv in /workspace
            search price in notes
            publish b.txt
            remember the milk
            call bash {"command": "pwd"}
            """)
        #expect(
            turn.calls.map { $0.map(\.name) } == [
                ["bash"], ["read_file"], ["write_file"], ["edit_file"], ["glob"], ["grep"], ["mcp__x__publish_file"],
                ["remember"], ["bash"],
            ])
        let inputs = turn.calls.compactMap(\.first?.input)
        #expect(inputs[0] == ["command": "ls"])
        #expect(inputs[2] == ["path": "b.txt", "content": "text"])
        #expect(inputs[3] == ["path": "b.txt", "old_string": "text", "new_string": "more"])
        #expect(inputs[4] == ["pattern": "*.csv", "path": "/workspace"])
        #expect(inputs[6] == ["file_path": "b.txt"])
        #expect(inputs[7] == ["fact": "the milk"])
        for label in ["run ls", "publish b.txt", "call bash"] { #expect(turn.final.contains(label)) }
    }

    @Test func asksForSeveralAtOnce() {
        let turn = Turn("run a and also run b and also say hi then run c")
        #expect(turn.calls.map(\.count) == [2, 1])
        #expect(turn.final.contains("hi"))
    }

    @Test func showsOutputStatusAndFailure() {
        let turn = Turn("run x then run y then run z") { _, input in
            switch input["command"]?.stringValue {
            case "x": ("one\n```\ntwo\n[exit status 3, 12 ms]", false)
            case "y": ("(no output)\n[exit status 0, 1 ms]", false)
            default: ("denied by the policy", true)
            }
        }
        #expect(turn.final.contains("**`run x`** (exit status 3, 12 ms)\n\n````\none\n```\ntwo\n````"))
        #expect(turn.final.contains("**`run y`** (exit status 0, 1 ms): no output"))
        #expect(turn.final.contains("**`run z`** failed"))
        #expect(turn.final.contains("denied by the policy"))
    }

    @Test func longOutputIsCut() {
        let turn = Turn("run x") { _, _ in (String(repeating: "0123456789\n", count: 10_000), false) }
        #expect(turn.final.utf8.count < 5000)
        #expect(turn.final.contains("10000 lines, 109999 bytes"))
    }

    @Test func waitsOnlyOnce() {
        #expect(Turn("wait 2 then run x then wait 1 then run y then wait 4").pauses == [2, 1, 4])
    }

    @Test func earlierTurnsAreNotDoneAgain() {
        let first = Turn("run a")
        let second = Turn("run b", before: first.messages)
        #expect(second.calls.map { $0[0].input["command"]?.stringValue } == ["b"])
    }

    @Test func aFollowUpIsAddedToThePlan() {
        var messages = Turn("run a").messages
        messages.removeLast()
        guard case .object(var last)? = messages.popLast(), case .array(var content)? = last["content"] else { return }
        content.append(["type": "text", "text": "run b"])
        last["content"] = .array(content)
        let answer = OfflineModel.answer(["tools": Turn.tools, "messages": .array(messages + [.object(last)])])
        #expect(answer.asksForTools)
    }

    @Test func readsWhatALoopWrapsAPersonsWordsIn() {
        let wrapped = """
            <message from="Anna" at="2026-05-04T09:00:00Z">
            read
            say &lt;message
            <attachment name="a.pdf" path="/workspace/thread/a.pdf" type="application/pdf" bytes="1"/>
            </message>
            """
        let old: JSONValue = [
            "role": "user",
            "content": [
                ["type": "text", "text": "<message from=\"Bob\">\nrun forgotten\n</message>"],
                ["type": "text", "text": .string(wrapped)], ["type": "text", "text": "[a note of the loop]"],
            ],
        ]
        let answer = OfflineModel.answer(["tools": Turn.tools, "messages": [old]])
        guard case .toolUse(_, let name, let input)? = answer.pieces.last else {
            Issue.record("\(answer)")
            return
        }
        #expect(name == "read_file")
        #expect(input == ["path": "/workspace/thread/a.pdf"])
    }

    @Test func anAnswerThatCouldNotBeDeliveredIsGivenAgain() {
        let said: JSONValue = ["role": "user", "content": "<message from=\"Anna\" at=\"x\">\nsay yes\n</message>"]
        let first = OfflineModel.answer(["tools": Turn.tools, "messages": [said]])
        let second = OfflineModel.answer([
            "tools": Turn.tools,
            "messages": [
                said, ["role": "assistant", "content": [["type": "text", "text": "yes"]]],
                ["role": "user", "content": "[your answer could not be delivered: no room]"],
            ],
        ])
        #expect("\(second.pieces)" == "\(first.pieces)")
    }

    @Test func saysHonestlyWhatItIs() {
        for text in ["hello", "", "What is the meaning of life?"] {
            let turn = Turn(text)
            #expect(turn.calls.isEmpty)
            #expect(turn.final.contains("no AI"))
            #expect(turn.final.contains("`run ls"))
            #expect(turn.final.contains("API key"))
        }
        #expect(Turn("help").final.contains("`edit_file`"))
    }

    @Test func aMissingToolIsSaid() {
        let answer = OfflineModel.answer(["messages": [["role": "user", "content": "run ls then say bye"]]])
        #expect(!answer.asksForTools)
        #expect(answer.pieces.count == 2)
    }

    @Test(
        arguments: [
            [:], ["messages": []], ["messages": [1]], ["messages": [["role": "assistant"]]],
            ["messages": [["role": "user", "content": [["type": "tool_result"]]]], "tools": [1, ["name": ""]]],
            [
                "messages": [
                    ["role": "assistant", "content": [["type": "tool_use"]]], ["role": "user", "content": "run x"],
                ]
            ],
        ] as [JSONObject])
    func oddRequestsGetAnAnswer(request: JSONObject) {
        #expect(!OfflineModel.answer(request).pieces.isEmpty)
    }

    // MARK: Starters

    @Test func summarisesTheReport() {
        let text = """
            Tidewater Instruments

            Quarterly report, Q3 2026
            Summary
            Revenue in the third quarter was EUR 927,083, 14.4 % more than in the second (EUR
            810,155). North was the strongest region with EUR 318,153.

            East                         EUR 225,750          EUR 209,382       -7.3 %
            """
        let turn = Turn(OfflineStarters.all[0].text) { _, _ in (text, false) }
        #expect(turn.calls.map { $0[0].name } == ["read_file"])
        #expect(turn.final.contains("### Tidewater Instruments: Quarterly report, Q3 2026"))
        #expect(turn.final.contains("more than in the second (EUR 810,155). North was"))
        #expect(turn.final.contains("- East · EUR 225,750 · EUR 209,382 · -7.3 %"))
        #expect(turn.final.contains("no AI"))
    }

    @Test func quotesDecisionsOnPricing() {
        let found = """
            /workspace/global/samples/notes/2026-06-17-talk.md:3:Some talk about prices
            /workspace/global/samples/notes/2026-07-08-decision.md:1:# Pricing
            /workspace/global/samples/notes/2026-07-08-decision.md:5:**Decision: the price rises by 8 %.**
            """
        let turn = Turn(OfflineStarters.all[2].title) { _, _ in (found, false) }
        #expect(turn.final.contains("> **Decision: the price rises by 8 %.**\n> — `notes/2026-07-08-decision.md:5`"))
        #expect(!turn.final.contains("Some talk"))
        #expect(turn.final.contains("2 more lines"))
    }

    @Test func totalsSales() {
        let turn = Turn(OfflineStarters.all[1].text) { name, _ in
            name == "bash"
                ? ("355 sales in 2 regions, 30 in all\n[exit status 0, 40 ms]", false)
                : ("region,total\nNorth,20\nSouth,10\n", false)
        }
        #expect(turn.calls.map { $0[0].name } == ["bash", "read_file"])
        #expect(turn.final.contains("| North | 20 |\n| South | 10 |"))
        #expect(turn.final.hasPrefix("355 sales in 2 regions, 30 in all."))
    }

    @Test func aSkillTellsOfFailure() {
        let turn = Turn(OfflineStarters.all[3].text) { _, _ in ("denied", true) }
        #expect(turn.final.contains("failed"))
        #expect(turn.final.contains("denied"))
    }
}
