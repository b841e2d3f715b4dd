internal import Hardening
internal import MCP
internal import Model

/// Grants that let something through and that nobody has used for long: each is a right that nobody would miss.
enum UnusedGrants {
    static let days: Int64 = 90

    /// A line for each grant in force that was last used, or else given, `days` ago or longer.
    static func findings(egress: JSONValue, vault: JSONValue, at now: Timestamp) -> [Drift] {
        let cutoff = now.advanced(by: .seconds(-days * 86400)).rfc3339
        return addresses(egress, cutoff) + secrets(vault, cutoff)
    }

    private static func addresses(_ answer: JSONValue, _ cutoff: String) -> [Drift] {
        (answer["grants"]?.arrayValue ?? []).filter { $0["in_force"] == true && isUnused($0, cutoff) }.map { grant in
            let id = text(grant, "id")
            return Drift(
                .warn, "egress grant \(id)",
                "\(text(grant, "entry")) for the \(text(grant, "scope")) (\(text(grant, "for"))) was not used for \(days) days",
                found: used(grant), since: text(grant, "given"),
                advice: "`bulkhead egress deny \(id)`, where nobody needs it.")
        }
    }

    private static func secrets(_ answer: JSONValue, _ cutoff: String) -> [Drift] {
        (answer["grants"]?.arrayValue ?? []).filter { isUnused($0, cutoff) }.map { grant in
            let whom = grant["person"]?.stringValue ?? "#" + text(grant, "channel")
            let to = grant["person"] == nil ? "--channel \(text(grant, "channel"))" : "--person \(whom)"
            guard let name = grant["name"]?.stringValue else {
                // What it is called is its owner's to know, and to revoke.
                return Drift(
                    .warn, "secret of \(text(grant, "of"))",
                    "one of their own is granted to \(whom), and was not used so for \(days) days",
                    found: used(grant), since: text(grant, "given"),
                    advice: "Ask \(text(grant, "of")) to look (`bulkhead secret list`) and revoke it: "
                        + "`bulkhead secret revoke NAME \(to)`.")
            }
            let isChannels = grant["scope"] == "channel"
            let whose = isChannels ? "--of-channel \(text(grant, "of"))" : "--company"
            return Drift(
                .warn, "secret \(name)",
                "the \(isChannels ? "channel's" : "company's"), is granted to \(whom), and was not used so for \(days) days",
                found: used(grant), since: text(grant, "given"),
                advice: "`bulkhead secret revoke \(name) \(whose) \(to)`, where nobody needs it.")
        }
    }

    /// Times are written so that they sort as texts. One without any is taken to be long ago.
    private static func isUnused(_ grant: JSONValue, _ cutoff: String) -> Bool {
        (grant["last_used"]?.stringValue ?? text(grant, "given")) <= cutoff
    }

    private static func used(_ grant: JSONValue) -> String {
        grant["last_used"]?.stringValue.map { "last used \($0)" } ?? "never used"
    }

    private static func text(_ value: JSONValue, _ key: String) -> String { value[key]?.stringValue ?? "" }
}
