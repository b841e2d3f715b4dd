package import MCP

/// Whose token it is, and what it may do.
package struct SlackIdentity: Hashable, Sendable {
    /// The workspace's address: `https://acme.slack.com/`.
    package let url: String
    package let teamID: String
    package let teamName: String
    /// The bot's user; nil for an app token.
    package let userID: String?
    package let userName: String?
    package let botID: String?
    /// Of an app token.
    package let appID: String?
    package let enterpriseID: String?
    /// Installed for an organisation and not for one workspace.
    package let isEnterpriseInstall: Bool
    /// Nil where Slack did not say.
    package let scopes: Set<String>?

    package init(_ json: JSONValue, scopes: String?) throws {
        let read = AnswerReader(json, "auth.test")
        url = try read.text("url")
        teamID = try read.text("team_id")
        teamName = json["team"]?.stringValue ?? ""
        userID = json["user_id"]?.stringValue
        userName = json["user"]?.stringValue
        botID = json["bot_id"]?.stringValue
        appID = json["app_id"]?.stringValue
        enterpriseID = json["enterprise_id"]?.stringValue
        isEnterpriseInstall = json["is_enterprise_install"]?.boolValue ?? false
        self.scopes = scopes.map { text in
            Set(text.split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }.filter { !$0.isEmpty })
        }
    }
}

/// Reads members that have to be there.
struct AnswerReader {
    let json: JSONValue
    let method: String

    init(_ json: JSONValue?, _ method: String) {
        self.json = json ?? .null
        self.method = method
    }

    func text(_ name: String) throws -> String {
        guard let text = json[name]?.stringValue, !text.isEmpty else { throw missing(name) }
        return text
    }

    func list(_ name: String) throws -> [JSONValue] {
        guard let list = json[name]?.arrayValue else { throw missing(name) }
        return list
    }

    /// The call was done: only its answer is no good.
    func missing(_ name: String) -> SlackError {
        SlackError(.unknownOutcome, "malformed_answer", method: method, "The answer has no member \(name).")
    }
}
