import Audit
import Conversations
import Harness
import MCP
import Model
import Store
import Testing

/// What people agree to is what runs: the real gate over the real tools, with a question in between.
@Suite(.timeLimit(.minutes(5))) struct ApprovalEvidenceTests {
    typealias Call = Workbench.Call

    private static let asking =
        "version: 1\nrules:\n  - {name: asked, tool: [bash, write_file, edit_file, publish_file, read_file], decision: ask}"

    /// Asks for `call`, does `meanwhile`, answers yes. What the agent was told, and the question.
    private func approve(
        _ call: Call, before: [Call] = [], on bench: Workbench, _ meanwhile: @Sendable () async throws -> Void
    ) async throws -> (text: String, question: ApprovalView, state: ToolActivity.State?) {
        let anna = try await bench.stage.person("anna")
        let receipt = try await bench.say([call], by: anna)
        let question = try await bench.question(of: receipt, for: anna)
        try await meanwhile()
        try await bench.stage.service.answer(question.id, allow: true, reason: nil, by: anna)
        let entry = try await bench.answer(to: receipt, for: anna)
        return (entry.text, question, entry.tools.first?.state)
    }

    @Test func aScriptThatChangedAfterTheApprovalDoesNotRun() async throws {
        let bench = try await Workbench(policy: Self.asking)
        try await bench.stage.run { stage in
            try bench.put("report.sh", "echo good > ran")
            let script = Call("bash", ["command": "sh report.sh"])
            let changed = try await approve(script, on: bench) { try bench.put("report.sh", "echo evil > ran") }
            #expect(changed.state == .denied && bench.read("ran") == nil)
            #expect(changed.text.contains("report.sh changed after it was approved"), "\(changed.text)")
            let details = changed.question.details ?? ""
            #expect(details.contains("runs in \(bench.root)/thread") && details.contains("report.sh: 15 bytes, sha256"))
            let stored = try #require(try await stage.database.approval(changed.question.id))
            let evidence = stored.evidence ?? ""
            #expect(evidence.contains("report.sh") && evidence.contains("sha256"))
            // The audit has the digests, and nothing of what is in files.
            let asked = try await stage.audit.rows(matching: AuditFilter()).filter { $0.event == "approval.asked" }
            let recorded = asked.first?.details?["evidence"]
            #expect(recorded?["files"]?[0]?["sha256"]?.stringValue?.count == 64 && recorded?["details"] == nil)
            try bench.put("report.sh", "echo good > ran")
            let same = try await approve(script, on: bench) {}
            #expect(same.state == .done && bench.read("ran") == "good\n")
        }
    }

    @Test func editsShowTheirDiffAndHoldToIt() async throws {
        let bench = try await Workbench(policy: Self.asking)
        try await bench.stage.run { stage in
            try bench.put("notes.txt", "one\ntwo\n")
            let edit = Call("edit_file", ["path": "notes.txt", "old_string": "two", "new_string": "2"])
            let changed = try await approve(edit, on: bench) { try bench.put("notes.txt", "ONE\ntwo\n") }
            #expect(changed.question.details?.contains("-two\n+2") == true)
            #expect(changed.state == .denied && bench.read("notes.txt") == "ONE\ntwo\n")
            let same = try await approve(edit, on: bench) {}
            #expect(same.state == .done && bench.read("notes.txt") == "ONE\n2\n")
            let write = Call("write_file", ["path": "new.txt", "content": "mine"])
            let created = try await approve(write, on: bench) { try bench.put("new.txt", "somebody else's") }
            #expect(created.state == .denied && bench.read("new.txt") == "somebody else's")
        }
    }

    @Test func aPublishedFileIsTheOneThatWasShown() async throws {
        let bench = try await Workbench(policy: Self.asking)
        try await bench.stage.run { stage in
            try bench.put("report.txt", "fine")
            let publish = Call("publish_file", ["path": "report.txt"])
            let changed = try await approve(publish, on: bench) { try bench.put("report.txt", "secret") }
            #expect(changed.state == .denied)
            let look = try await approve(Call("read_file", ["path": "report.txt"]), on: bench) {}
            #expect(look.state == .done && look.text.contains("secret"))
            let same = try await approve(publish, on: bench) {}
            #expect(same.question.details?.contains("6 bytes") == true && same.state == .done)
        }
    }

    @Test func anApprovedCommandRunsInTheFolderThatWasShown() async throws {
        let bench = try await Workbench(
            policy: "version: 1\nrules:\n"
                + "  - {name: asked, tool: bash, arguments: [{at: /command, glob: \"pwd*\"}], decision: ask}")
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            // Unasked-for commands leave a folder, variables and functions behind.
            let receipt = try await bench.say(
                [
                    Call("bash", ["command": "mkdir a b; cd a; export A=evil; pwd() { echo evil; }; export -f pwd"]),
                    Call("bash", ["command": "pwd; echo [$A]"]),
                ], by: anna)
            let question = try await bench.question(of: receipt, for: anna)
            #expect(question.details?.hasPrefix("runs in \(bench.root)/thread/a") == true, "\(question)")
            try await stage.service.answer(question.id, allow: true, reason: nil, by: anna)
            let entry = try await bench.answer(to: receipt, for: anna)
            #expect(entry.text.contains("\(bench.root)/thread/a\n[]"), "\(entry.text)")
        }
    }

    @Test func withoutASandboxNobodyIsAsked() async throws {
        let bench = try await Workbench(policy: Self.asking)
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            bench.isBroken.replace(with: true)
            let (_, entry) = try await bench.run([Call("bash", ["command": "echo hi"])], by: anna)
            #expect(
                entry.tools.first?.state == .denied && entry.text.contains("could not be found out"), "\(entry.text)")
            #expect(entry.text.contains("no sandbox is to be had"))
            #expect(try await stage.database.pendingApprovals().isEmpty)
        }
    }

    /// A tool server that is no longer ours answers what it likes: nobody is asked about nonsense, and nothing huge is kept.
    @Test(arguments: [
        JSONValue.null, ["files": "all"], ["files": [["path": 1]]], ["directory": "/workspace/thread"],
        ["files": [], "details": .string(String(repeating: "x", count: 600 << 10))],
    ])
    func nonsenseIsNoEvidence(_ answer: JSONValue) async throws {
        let bench = try await Workbench(policy: Self.asking, provider: Liar(answer: answer))
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            let (_, entry) = try await bench.run([Call("bash", ["command": "echo hi"])], by: anna)
            #expect(entry.tools.first?.state == .denied && entry.text.contains("nonsensical"), "\(entry.text)")
            let filter = AuditFilter()
            #expect(try await stage.audit.rows(matching: filter).allSatisfy { $0.event != "approval.asked" })
        }
    }
}

private struct Liar: ToolProvider {
    let answer: JSONValue

    func listTools(cursor: String?) async throws -> ToolPage { ToolPage(tools: []) }

    func callTool(_ name: String, arguments: JSONObject, context: RequestContext) async throws -> CallToolResult {
        CallToolResult(content: [.text("ran")], structuredContent: answer)
    }
}
