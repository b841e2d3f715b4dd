import LeakScan
import MCP
import Synchronization
import Testing

@testable import ModelGateway

/// Live secrets in requests to the model.
@Suite struct LeakRequestTests {
    private static let value = "k9#Vq2-Zt7_Lm4"

    private final class Recorder: LeakRecorder {
        struct Failure: Error {}
        let reports = Mutex<[LeakReport]>([])
        let fails: Bool

        init(fails: Bool = false) { self.fails = fails }

        func record(_ report: LeakReport) async throws {
            if fails { throw Failure() }
            reports.withLock { $0.append(report) }
        }
    }

    private func screen(_ recorder: Recorder) -> LeakScreen {
        let leaks = LeakGuard()
        leaks.replace(with: [LeakSecret(id: "s1", name: "MAIL", value: Array(Self.value.utf8))])
        return LeakScreen(leaks, recorder: recorder)
    }

    @Test func theProviderNeverSeesIt() async throws {
        let recorder = Recorder()
        try await OpenGateway.with(scenario: "happy", leaks: screen(recorder)) { open, simulator, instance in
            // As its characters escaped, in base64, and in a name.
            let body =
                #"{"max_tokens":10,"model":"any","system":"k9#Vq2-Zt\u0037_Lm4","messages":[{"role":"user","content":["#
                + #"{"type":"text","text":"file: azkjVnEyLVp0N19MbTQ="},{"type":"text","text":"4mL_7tZ-2qV#9k"}]}]}"#
            let reply = try await open.ask(raw: OpenGateway.request(Array(body.utf8)))
            #expect(reply.status == 200)
            let sent = try #require(try await simulator.requests(instance).first?["raw"]?.stringValue)
            #expect(
                sent.contains("[secret MAIL withheld]") && !sent.contains("Lm4") && !sent.contains("azkj"), "\(sent)")
            #expect(!sent.contains("4mL_"))
            let request = try JSONValue(parsing: Array(sent.utf8))
            #expect(request["system"] == "[secret MAIL withheld]" && request["max_tokens"] == 10)
            #expect(request["messages"]?[0]?["content"]?[0]?["text"] == "file: [secret MAIL withheld]")
            let report = try #require(recorder.reports.withLock { $0.first })
            #expect(report.place == .modelRequest && report.subject.session == open.session.session)
            #expect(Set(report.findings.map(\.form)) == ["plain", "base64", "reversed"])
        }
    }

    @Test func withoutOneTheSameBytesGoOn() async throws {
        let recorder = Recorder()
        try await OpenGateway.with(scenario: "happy", leaks: screen(recorder)) { open, simulator, instance in
            let body =
                "{ \"max_tokens\":1.0e1 , \"model\" :\"any\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            _ = try await open.ask(raw: OpenGateway.request(Array(body.utf8)))
            let sent = try await simulator.requests(instance).first?["raw"]?.stringValue
            #expect(sent == body.replacing("\"any\"", with: "\"claude-sonnet-4-6\""))
            #expect(recorder.reports.withLock { $0.isEmpty })
        }
    }

    @Test func whatCannotBePutOnRecordIsNotSent() async throws {
        try await OpenGateway.with(scenario: "happy", leaks: screen(Recorder(fails: true))) {
            open, simulator, instance in
            let reply = try await open.ask(question("it is \(Self.value)"))
            #expect(reply.status == 503)
            #expect(try await simulator.requests(instance).isEmpty)
        }
    }
}
