import LeakScan
import MCP
import Model
import ToolServers

// What a tool's result holds of live secrets goes no further.
extension Gate {
    /// The run as it may go on. Where what was found cannot be put on record, nothing of the result does.
    func screened(_ run: Run, _ request: CallRequest) async -> Run {
        let subject = LeakSubject(request)
        let (result, findings) = leaks.leaks.screened(run.result, in: subject)
        guard !findings.isEmpty else { return run }
        do {
            try await leaks.report(findings, at: .result, subject)
        } catch {
            let text = "\(request.tool) ran, but a secret in its result could not be put on record: \(error)"
            return Run(result: .failure(text), outcome: .failed, error: text, duration: run.duration)
        }
        return Run(
            result: result, outcome: run.outcome, error: run.error.map { leaks.leaks.screened($0, in: subject).value },
            duration: run.duration)
    }
}

extension LeakGuard {
    func screened(_ result: CallToolResult, in subject: LeakSubject) -> (CallToolResult, [LeakFinding]) {
        var result = result
        var findings: [LeakFinding] = []
        // Texts stand one after the other for whoever reads them.
        let places = result.content.indices.filter { result.content[$0].text != nil }
        let texts = screened(places.map { result.content[$0].text ?? "" }, in: subject)
        findings += texts.findings
        if !texts.findings.isEmpty {
            for (place, text) in zip(places, texts.value) { result.content[place] = .text(text) }
        }
        for place in result.content.indices where result.content[place].text == nil {
            let part = screened(result.content[place].json, in: subject)
            guard let first = part.findings.first else { continue }
            // A picture with a hole in it is none.
            result.content[place] = .text("[A part of the result was withheld: it holds \(first.inWords).]")
            findings += part.findings
        }
        if let structured = result.structuredContent {
            let screened = screened(structured, in: subject)
            if !screened.findings.isEmpty { result.structuredContent = screened.value }
            findings += screened.findings
        }
        var known: Set<LeakFinding> = []
        return (result, findings.filter { known.insert($0).inserted })
    }
}

extension LeakFinding {
    /// Nobody learns what somebody else's secret is called.
    package var inWords: String {
        switch source {
        case .secret(_, nil): "the secret \(name)"
        case .secret: "a person's secret"
        case .token: "what looks like a \(name)"
        }
    }
}

extension LeakSubject {
    package init(_ request: CallRequest) {
        self.init(
            session: request.session, requester: request.requester, channel: request.channel,
            conversation: request.conversation, call: request.id, tool: request.tool)
    }
}
