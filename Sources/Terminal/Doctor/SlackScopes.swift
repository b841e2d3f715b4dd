internal import Hardening
internal import MCP
internal import Markdown

/// What the app was granted in Slack, held against what is used there.
enum SlackScopes {
    /// Nothing where Slack is not configured.
    static func findings(ofSlack answer: JSONValue) -> [Drift] {
        guard let state = answer["state"]?.stringValue, state != "off", let scopes = answer["scopes"] else { return [] }
        if let problem = scopes["problem"]?.stringValue {
            return [
                Drift(
                    .warn, "slack scopes", "could not be looked at: \(VisibleText.line(problem))",
                    advice: "`bulkhead slack check` says more.")
            ]
        }
        var findings = (scopes["missing"]?.arrayValue ?? []).map { gap in
            Drift(
                gap["required"] == true ? .fail : .warn, "slack scopes",
                "\(words(gap["scopes"])) missing (\(VisibleText.line(gap["feature"]?.stringValue ?? ""))): "
                    + VisibleText.line(gap["without"]?.stringValue ?? ""),
                advice: "Add it in the app's settings (OAuth & Permissions), and install the app again.")
        }
        if let more = scopes["unneeded"]?.arrayValue, !more.isEmpty {
            findings.append(
                Drift(
                    .warn, "slack scopes", "granted and not used: \(words(scopes["unneeded"]))",
                    expected: "the scopes of `bulkhead slack manifest`, and no more",
                    advice: "Take it away in the app's settings, and install the app again."))
        }
        return findings.isEmpty ? [Drift(.ok, "slack scopes", "those that are used, and no more")] : findings
    }

    private static func words(_ list: JSONValue?) -> String {
        (list?.arrayValue ?? []).compactMap(\.stringValue).map { VisibleText.line($0) }.joined(separator: ", ")
    }
}
