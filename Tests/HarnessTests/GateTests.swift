import Audit
import Foundation
import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing
import ToolServers

@Suite struct GateTests {
    let server = FakeServer([
        ("read", .read, { _ in .text("content") }),
        ("write", .write, { arguments in .text("wrote \(arguments["text"]?.stringValue ?? "")") }),
        ("post", .external, { _ in .text("posted") }),
        ("bash", .write, { _ in .failure("exit status 1") }),
        ("broken", .read, { _ in throw StoreError(.failed, "the container is gone") }),
        (
            "forever", .read,
            { _ in
                // Listens to nobody.
                await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
                return .text("never")
            }
        ),
        ("flood", .read, { _ in .text(String(repeating: "ä", count: 100_000) + "end") }),
        (
            "picture", .read,
            { _ in
                CallToolResult(content: [.image(data: String(repeating: "A", count: 9 << 20), mimeType: "image/png")])
            }
        ),
        (
            "structured", .read,
            { _ in
                .structured(["rows": .array([JSONValue](repeating: "0123456789", count: 20_000))])
            }
        ),
    ])
    let registry: ToolRegistry

    init() throws {
        registry = try ToolRegistry(servers: [server])
    }

    private var runs: [String] { server.ran.withLock { $0 } }

    @Test func anotherPolicyCanBeTriedOnThePast() async throws {
        let fixture = try await GateFixture(
            policy: "version: 1\nrules: [{name: p, tool: post, decision: ask}]")
        let approver = FakeApprover { [anna = fixture.anna.id] _ in .allowed(by: anna) }
        let gate = fixture.gate(approver: approver)
        for (tool, arguments) in [
            ("write", ["text": "x"]), ("write", ["text": "secret"]), ("post", ["text": "y"]), ("nothing", [:]),
            ("write", ["text": .string(String(repeating: "l", count: 100_000))]), ("write", ["text": 5]),
        ] as [(String, JSONObject)] {
            _ = await gate.call(fixture.request(tool, arguments), in: registry)
        }
        let same = try await fixture.audit.replay(fixture.policy.current, since: Timestamp(milliseconds: 0))
        #expect(same.calls == 3 && same.changed == 0 && same.unknown == 1)
        let stricter = try Policy(
            yaml: """
                version: 1
                deny: [{name: no, tool: write, arguments: [{at: /text, glob: "sec*"}]}]
                rules: [{name: p, tool: post, decision: allow}]
                """, file: "p")
        let replay = try await fixture.audit.replay(stricter, since: Timestamp(milliseconds: 0))
        #expect(replay.calls == 3 && replay.changed == 2)
        #expect(replay.changes.map(\.before) == ["allow", "ask"])
        #expect(replay.changes.map(\.after.word) == ["deny", "allow"])
        #expect(replay.changes.first?.call.arguments == ["text": "secret"])
        let later = WallClock.system.now().advanced(by: .seconds(60))
        #expect(try await fixture.audit.replay(stricter, since: later).calls == 0)
    }

    /// What a command that nobody was asked about means was decided for a fresh shell: it has to run in one.
    @Test func aProvablyReadOnlyCommandRunsInACleanShell() async throws {
        let fixture = try await GateFixture()
        let approver = FakeApprover { [anna = fixture.anna.id] _ in .allowed(by: anna) }
        for (command, mode) in [("ls -l", Mode.acceptEdits), ("rm x", .acceptEdits), ("ls -l", .auto)] {
            var request = fixture.request("bash", ["command": .string(command)])
            request.mode = mode
            _ = await fixture.gate(approver: approver).call(request, in: registry)
        }
        #expect(server.ranInCleanShell.withLock { $0 } == [true, false, false])
        #expect(approver.asked.withLock { $0.count } == 1)
        #expect(try await fixture.rows().first?.rule == "provably read-only command")
    }

    @Test func anAllowedCallLeavesIntentAndOutcome() async throws {
        let fixture = try await GateFixture()
        let answer = await fixture.gate().call(fixture.request("write", ["text": "x"]), in: registry)
        #expect(answer.outcome == .done && answer.result.text == "wrote x")
        let rows = try await fixture.rows()
        #expect(rows.map(\.kind) == ["intent", "outcome"])
        #expect(rows[0].decision == "allow" && rows[0].rule == "Standard mode" && rows[0].tool == "write")
        #expect(rows[0].arguments == ["text": "x"] && rows[0].requesterName == "anna")
        #expect(rows[0].policyDigest == fixture.policy.current.digest.hex)
        #expect(rows[1].event == "done" && rows[1].call == rows[0].call && rows[1].duration != nil)
        #expect(rows[1].resultDigest?.count == 64 && (rows[1].resultBytes ?? 0) > 0)
        #expect(try await fixture.audit.verify().isWhole)
    }

    @Test(
        arguments: [
            ("nonsense\u{0}\u{202E}", [:], "unknown", "There are: read"),
            (String(repeating: "x", count: 100_000), [:], "unknown", "no tool named"),
            ("write", ["text": 5], "invalid", "/text"),
            ("write", ["tekst": "x"], "invalid", "known are: text"),
        ] as [(String, JSONObject, String, String)])
    func whatTheAgentGotWrongIsSaidAndRecorded(
        tool: String, arguments: JSONObject, decision: String, message: String
    ) async throws {
        let fixture = try await GateFixture()
        let answer = await fixture.gate().call(fixture.request(tool, arguments), in: registry)
        #expect(answer.outcome == .denied && answer.result.isError)
        #expect(answer.result.text.contains(message), "\(answer.result.text)")
        #expect(answer.result.text.utf8.count < 2000)
        let row = try #require(try await fixture.rows().first)
        #expect(row.decision == decision && (row.tool?.utf8.count ?? 0) <= 128)
        #expect(runs.isEmpty)
        #expect(try await fixture.audit.verify().isWhole)
    }

    @Test func aDenialNamesItsRule() async throws {
        let fixture = try await GateFixture(
            policy: "version: 1\ndeny:\n  - name: no posts\n    tool: post\n    reason: not here")
        let answer = await fixture.gate().call(fixture.request("post", mode: .bypassPermissions), in: registry)
        #expect(answer.outcome == .denied)
        #expect(answer.result.text.contains("not here"))
        #expect(answer.result.text.contains("no posts (policy line 3)"))
        #expect(try await fixture.rows().map(\.decision) == ["deny"])
        #expect(runs.isEmpty)
    }

    @Test func aToolsOwnFailuresAreResults() async throws {
        let fixture = try await GateFixture()
        let failed = await fixture.gate().call(fixture.request("bash"), in: registry)
        #expect(failed.outcome == .failed && failed.result.text == "exit status 1")
        let broken = await fixture.gate().call(fixture.request("broken"), in: registry)
        #expect(broken.outcome == .failed && broken.result.text.contains("the container is gone"))
        let rows = try await fixture.rows()
        #expect(rows.compactMap(\.error) == ["exit status 1", "broken could not be run: the container is gone"])
    }

    @Test func aToolThatNeverEndsIsLeftBehind() async throws {
        let fixture = try await GateFixture(policy: "version: 1\ntools:\n  - tool: forever\n    deadline: 5h")
        let answer = await fixture.gate(clock: ImmediateClock()).call(fixture.request("forever"), in: registry)
        #expect(answer.outcome == .failed && answer.result.text.contains("did not end within 18000.0 seconds"))
        #expect(try await fixture.rows().map(\.event) == [nil, "failed"])
    }

    @Test func aCancelledCallIsRecorded() async throws {
        let fixture = try await GateFixture()
        let running = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            await fixture.gate().call(
                fixture.request("forever"), in: registry,
                onMoment: { if case .running = $0 { running.continuation.finish() } })
        }
        for await _ in running.stream {}
        task.cancel()
        let answer = await task.value
        #expect(answer.outcome == .cancelled)
        #expect(try await fixture.rows().map(\.event) == [nil, "cancelled"])

        let before = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await fixture.gate().call(fixture.request("read"), in: registry)
        }
        #expect(await before.value.outcome == .cancelled)
        #expect(runs == ["forever"])
    }

    @Test func nothingRunsThatCannotBeRecorded() async throws {
        let fixture = try await GateFixture()
        fixture.database.close()
        let answer = await fixture.gate().call(fixture.request("write", ["text": "x"]), in: registry)
        #expect(answer.outcome == .denied && answer.result.text.contains("could not be recorded"))
        #expect(runs.isEmpty)
    }

    @Test func anOutcomeThatCannotBeRecordedIsNotShown() async throws {
        let fixture = try await GateFixture()
        let closing = FakeServer([
            (
                "write", .write,
                { _ in
                    fixture.database.close()
                    return .text("secret")
                }
            )
        ])
        let answer = await fixture.gate().call(fixture.request("write"), in: try ToolRegistry(servers: [closing]))
        #expect(answer.outcome == .failed && !answer.result.text.contains("secret"))
    }

    @Test func whatIsTooLongIsKeptElsewhere() async throws {
        let fixture = try await GateFixture()
        let call = fixture.request("flood")
        let text = await fixture.gate().call(call, in: registry).result.text
        #expect(text.utf8.count < 40_000)
        #expect(text.contains("/workspace/session/results/\(call.id).txt") && text.contains("200003 bytes"))
        #expect(text.hasPrefix("ää") && text.hasSuffix("äend"))
        let failing = await fixture.gate(keeper: FakeKeeper(fails: true)).call(call, in: registry).result.text
        #expect(failing.contains("could not be kept (the disk is full)"))
        let picture = await fixture.gate().call(fixture.request("picture"), in: registry).result
        #expect(picture.content.count == 1 && picture.text.contains("left out"))
        let structured = await fixture.gate().call(fixture.request("structured"), in: registry).result
        #expect(structured.structuredContent == nil && structured.text.utf8.count < 40_000)
    }

    @Test func whatAToolTouchesStaysWithTheSession() async throws {
        let fixture = try await GateFixture(policy: "version: 1\ntools:\n  - tool: read\n    labels: untrusted")
        let answer = await fixture.gate().call(fixture.request("read", labels: .private), in: registry)
        #expect(answer.labels == [.untrusted, .private])
        #expect(try await fixture.database.session(fixture.session.id)?.labels == .untrusted)
    }

    @Test func theOperatorKnowsATool() async throws {
        let fixture = try await GateFixture(policy: "version: 1\ntools:\n  - tool: wri*\n    effect: destructive")
        let approver = FakeApprover()
        let answer = await fixture.gate(approver: approver).call(fixture.request("write"), in: registry)
        #expect(answer.outcome == .denied)
        #expect(approver.asked.withLock { $0.map(\.effect) } == [.destructive])
    }

    @Test func aNameIsOneTool() {
        let error = #expect(throws: HarnessError.self) { try ToolRegistry(servers: [server, server]) }
        #expect(error?.code == .duplicateTool)
        let odd = FakeServer([("a b", .read, { _ in .text("") })])
        #expect(throws: HarnessError.self) { try ToolRegistry(servers: [odd]) }
    }

    @Test func anAgentCannotFillTheAudit() async throws {
        let fixture = try await GateFixture()
        let text = String(repeating: "x", count: 9 << 20)
        let answer = await fixture.gate().call(fixture.request("write", ["text": .string(text)]), in: registry)
        #expect(answer.outcome == .denied && answer.result.text.contains("at most 8388608"))
        _ = await fixture.gate().call(
            fixture.request("write", ["text": .string(String(text.prefix(100_000)))]), in: registry)
        let rows = try await fixture.rows()
        #expect(rows.map(\.decision) == ["invalid", "allow", nil])
        for row in rows.prefix(2) {
            #expect((row.details?.text.utf8.count ?? .max) < 10_000)
        }
        // What is too long to be looked through is kept as a digest that takes the key; what is long, as its beginning.
        #expect(rows[0].arguments?["text"]?["redacted"]?.stringValue?.hasPrefix("hmac-sha256:") == true)
        #expect(rows[1].arguments?["sha256"]?.stringValue?.count == 64)
    }

    @Test func manySessionsAtOnce() async throws {
        let fixture = try await GateFixture()
        let gate = fixture.gate()
        let outcomes = await withTaskGroup(of: GateResult.Outcome.self) { group in
            for number in 0..<300 {
                group.addTask {
                    await gate.call(fixture.request(number.isMultiple(of: 3) ? "nope" : "read"), in: registry).outcome
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 == .done } == 200 && outcomes.count { $0 == .denied } == 100)
        let verification = try await fixture.audit.verify()
        #expect(verification.isWhole && verification.rows == 500 && verification.provableTo == 500)
    }
}
