internal import Hardening
internal import MCP

/// What the daemon alone knows of who may reach what; nothing where it does not run.
enum DaemonGrants {
    static func add(to survey: inout Survey, socket: String) async {
        guard SocketProbe.failure(at: socket) == nil else {
            survey.findings.append(
                Drift(
                    .warn, "daemon", "does not run, so grants of the network were not looked at",
                    advice: "Start it, then look again."))
            return
        }
        do {
            let answer = try await APIClient.with(socketPath: socket, patience: .seconds(10)) { try await $0.egress() }
            survey.facts[.egress] = facts(answer)
        } catch {
            survey.findings.append(
                Drift(
                    .fail, "grants of the network",
                    "could not be looked at: \((error as? TerminalError)?.message ?? "no answer")",
                    advice: "The daemon's log says more."))
        }
    }

    /// Each grant by its id, and each entry of the policy file's: what a later look finds beside these was added.
    static func facts(_ answer: JSONValue) -> [String: String] {
        var facts: [String: String] = [:]
        for grant in answer["grants"]?.arrayValue ?? [] where grant["in_force"] == true {
            guard let id = grant["id"]?.stringValue else { continue }
            facts["grant \(id)"] =
                "\(grant["entry"]?.stringValue ?? "") for the \(grant["scope"]?.stringValue ?? "") "
                + "(\(grant["for"]?.stringValue ?? "")), by \(grant["by"]?.stringValue ?? "")"
        }
        for rule in answer["policy"]?.arrayValue ?? [] where rule["decision"] == "allow" {
            facts["of the policy, \(rule["rule"]?.stringValue ?? "")"] = rule.text
        }
        facts["for guests"] = answer["guests"]?.stringValue
        return facts
    }
}
