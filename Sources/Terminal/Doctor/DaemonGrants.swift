internal import Hardening
internal import MCP
internal import Model

/// What the daemon alone knows of who may reach what; nothing where it does not run.
enum DaemonGrants {
    static func add(to survey: inout Survey, socket: String) async {
        guard SocketProbe.failure(at: socket) == nil else {
            survey.findings.append(
                Drift(
                    .warn, "daemon", "does not run, so grants of the network and of secrets were not looked at",
                    advice: "Start it, then look again."))
            return
        }
        do {
            let (egress, vault, slack) = try await APIClient.with(socketPath: socket, patience: .seconds(10)) {
                client in
                (try await client.egress(), try await client.vault(), try await client.slack())
            }
            survey.facts[.egress] = facts(egress)
            survey.facts[.secret] = secretFacts(vault)
            survey.findings += SlackScopes.findings(ofSlack: slack)
            survey.findings += UnusedGrants.findings(egress: egress, vault: vault, at: WallClock.system.now())
        } catch {
            survey.findings.append(
                Drift(
                    .fail, "grants of the network, of secrets and in Slack",
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

    /// Who may use a channel's or the company's secret without an admin's word. What people grant of their own is theirs.
    static func secretFacts(_ answer: JSONValue) -> [String: String] {
        var facts: [String: String] = [:]
        for grant in answer["grants"]?.arrayValue ?? [] {
            guard let name = grant["name"]?.stringValue else { continue }
            let whose = grant["of"]?.stringValue.map { "#" + $0 } ?? "the company"
            let whom = grant["person"]?.stringValue ?? "#" + (grant["channel"]?.stringValue ?? "")
            facts["\(name) of \(whose), for \(whom)"] = "granted by \(grant["by"]?.stringValue ?? "")"
        }
        return facts
    }
}
