internal import MCP

/// A modal or a Home tab that is shown.
package struct SlackView: Hashable, Sendable {
    package let id: String
    /// Changes with every change; given back, it keeps two changes apart.
    package let hash: String?

    init(_ json: JSONValue, _ method: SlackMethod) throws {
        id = try AnswerReader(json["view"], method.name).text("id")
        hash = json["view"]?["hash"]?.stringValue
    }
}
