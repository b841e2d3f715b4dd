import Audit
import Harness
import LeakScan
import MCP
import Model
import Store
import Synchronization
import Testing
import ToolServers

/// What a tool's result holds of live secrets: for nobody, on record, and told.
@Suite struct LeakGateTests {
    private static let value = "k9#Vq2-Zt7_Lm4"

    private final class Recorder: LeakRecorder {
        let reports = Mutex<[LeakReport]>([])
        let standing: any Standing
        let fails: Bool

        init(_ standing: any Standing, fails: Bool = false) {
            self.standing = standing
            self.fails = fails
        }

        func record(_ report: LeakReport) async throws {
            if fails { throw StoreError(.full, "the disk is full") }
            reports.withLock { $0.append(report) }
            if let session = report.subject.session { _ = try await standing.label(session, adding: .private) }
        }
    }

    private final class Kept: OversizeKeeper {
        let texts = Mutex<[String]>([])

        func keep(_ text: String, call: CallRequest) async throws -> String {
            texts.withLock { $0.append(text) }
            return "/workspace/session/results/x.txt"
        }
    }

    private func leaks() -> LeakGuard {
        let leaks = LeakGuard()
        leaks.replace(with: [LeakSecret(id: "s1", name: "MAIL", value: Array(Self.value.utf8))])
        return leaks
    }

    private func call(
        _ result: CallToolResult, fails: Bool = false, arguments: JSONObject = [:], throwing: (any Error)? = nil,
        body: (GateFixture, GateResult, Recorder, Kept) async throws -> Void
    ) async throws {
        let fixture = try await GateFixture()
        let leaks = leaks()
        let audit = try await AuditLog.open(fixture.database, leaks: leaks)
        let recorder = Recorder(fixture.database, fails: fails)
        let kept = Kept()
        let gate = Gate(
            policy: fixture.policy, audit: audit, approver: FakeApprover(), standing: fixture.database,
            pauses: fixture.pauses, keeper: kept, leaks: LeakScreen(leaks, recorder: recorder))
        let server = FakeServer([
            (
                "look", .read,
                { _ in
                    if let throwing { throw throwing }
                    return result
                }
            )
        ])
        let answer = await gate.call(
            fixture.request("look", arguments), in: try ToolRegistry(servers: [server]))
        try await body(fixture, answer, recorder, kept)
    }

    @Test func itIsWithheldFromAgentAndPeopleLabelledAndTold() async throws {
        try await call(.text("it is \(Self.value).")) { fixture, answer, recorder, _ in
            #expect(answer.result.text == "it is [secret MAIL withheld]." && answer.outcome == .done)
            #expect(answer.shown.text == answer.result.text)
            #expect(answer.labels.contains(.private))
            let report = try #require(recorder.reports.withLock { $0.first })
            #expect(report.place == .result && report.subject.tool == "look" && report.findings.map(\.name) == ["MAIL"])
            #expect(report.subject.session == fixture.session.id && report.subject.requester == fixture.anna.id)
        }
    }

    /// Text that is cut is kept whole elsewhere: without the secret too.
    @Test func theWholeOfALongResultIsKeptWithoutIt() async throws {
        let long = String(repeating: "line\n", count: 20_000)
        try await call(.text(long + Self.value + long)) { _, answer, _, kept in
            let whole = try #require(kept.texts.withLock { $0.first })
            #expect(whole.contains("[secret MAIL withheld]") && !whole.contains(Self.value))
            #expect(!answer.result.text.contains(Self.value))
        }
    }

    @Test func acrossPartsInStructuredContentAndInPicturesItIsFound() async throws {
        let result = CallToolResult(
            content: [
                .text("first k9#Vq2"), .text("-Zt7_Lm4 last"),
                .image(data: "AGs5I1ZxMi1adDdfTG00AA==", mimeType: "image/png"),
                .resource(["uri": "file:///x", "text": .string(Self.value)]),
            ], structuredContent: ["a": [.string("x\(Self.value)")], .init(stringLiteral: Self.value): 1])
        try await call(result) { _, answer, recorder, _ in
            let text = JSONValue.object(answer.result.json).text
            #expect(!text.contains("Vq2") && !text.contains("Lm4") && !text.contains("AGs5I1"), "\(text)")
            #expect(answer.result.content[0] == .text("first [secret MAIL withheld]"))
            #expect(recorder.reports.withLock { $0.first?.findings.map(\.form) } == ["plain", "base64"])
        }
    }

    @Test func whatCannotBePutOnRecordIsNotShown() async throws {
        try await call(.text("it is \(Self.value), and more"), fails: true) { _, answer, _, _ in
            #expect(answer.outcome == .failed && !answer.result.text.contains("and more"))
            #expect(!answer.result.text.contains(Self.value))
        }
    }

    @Test func theAuditHoldsItInNoRow() async throws {
        struct Failure: Error, CustomStringConvertible {
            let description: String
        }
        let arguments: JSONObject = ["text": .string("use \(Self.value)"), "command": "a2sjVnEy azkjVnEyLVp0N19MbTQ="]
        for error: (any Error)? in [nil, Failure(description: "bad: \(Self.value)")] {
            try await call(.failure("no: \(Self.value)"), arguments: arguments, throwing: error) {
                fixture, answer, _, _ in
                #expect(!answer.result.text.contains(Self.value))
                let rows = try await fixture.rows()
                #expect(rows.contains { $0.details?.text.contains("[secret MAIL withheld]") == true })
                for row in rows {
                    let text = row.details?.text ?? ""
                    #expect(!text.contains(Self.value) && !text.contains("azkjVnEyLVp0"), "\(text)")
                }
                #expect(try await fixture.audit.verify().problems.isEmpty)
            }
        }
    }

    @Test func theSessionThatWasGivenItMayHaveIt() async throws {
        let fixture = try await GateFixture()
        let leaks = leaks()
        leaks.exempt("s1", in: fixture.session.id)
        let gate = Gate(
            policy: fixture.policy, audit: fixture.audit, approver: FakeApprover(), standing: fixture.database,
            pauses: fixture.pauses, keeper: FakeKeeper(), leaks: LeakScreen(leaks))
        let server = FakeServer([("look", .read, { _ in .text(Self.value) })])
        let answer = await gate.call(fixture.request("look"), in: try ToolRegistry(servers: [server]))
        #expect(answer.result.text == Self.value)
    }

    /// Or its owner could hide what their own rows say.
    @Test func aSecretCalledLikeAPartOfARowHidesNothing() async throws {
        let fixture = try await GateFixture()
        let leaks = LeakGuard()
        leaks.replace(
            with: ["arguments", "approvedBy", "decidedOn"].map {
                LeakSecret(id: $0, name: "WORD", value: Array($0.utf8), owner: fixture.anna.id)
            })
        let audit = try await AuditLog.open(fixture.database, leaks: leaks)
        try await audit.event(
            "test", subject: AuditSubject(requester: fixture.anna.id),
            details: ["arguments": ["path": "a", "arguments": "x"], "approvedBy": "b", "decidedOn": "the arguments"])
        let details = try #require(try await fixture.rows().last { $0.event == "test" }?.details)
        #expect(details["arguments"]?["path"] == "a" && details["approvedBy"] == "b")
        // What was said stays withheld, further down the names of it too.
        #expect(details["decidedOn"] == "the [a secret withheld]" && details["arguments"]?["arguments"] == nil)
    }

    /// Words of a person's own are looked for in that person's calls: the rows of them hold none either.
    @Test func noRowHoldsTheRequestersOwnWords() async throws {
        let fixture = try await GateFixture()
        let leaks = LeakGuard()
        let words = "correct horse battery"
        leaks.replace(with: [
            LeakSecret(id: "s1", name: "WORDS", value: Array(words.utf8), owner: fixture.anna.id)
        ])
        let redactor = PolicyRedactor(policy: fixture.policy, key: .ephemeral, leaks: leaks)
        let kept = try redactor.redacted(["text": .string(words)], of: "look", secret: [], for: fixture.anna.id)
        #expect(kept.hasChanged && kept.arguments == ["text": "[a secret withheld]"])
        #expect(redactor.redacted(words, for: nil) == "[a secret withheld]")
        let audit = try await AuditLog.open(fixture.database, leaks: leaks)
        for requester in [fixture.anna.id, nil] {
            try await audit.event(
                "test", subject: AuditSubject(requester: requester), details: ["text": .string(words)])
        }
        let rows = try await fixture.rows().filter { $0.event == "test" }
        #expect(rows.map { $0.details?["text"] } == ["[a secret withheld]", "[a secret withheld]"])
    }
}
