/// The name and version a client or server gives itself.
package struct Implementation: Hashable, Sendable {
    package var name: String
    package var version: String
    package var title: String?

    package init(name: String, version: String, title: String? = nil) {
        self.name = name
        self.version = version
        self.title = title
    }

    var json: JSONObject {
        var json: JSONObject = ["name": .string(name), "version": .string(version)]
        json["title"] = title.map(JSONValue.string)
        return json
    }

    /// What is missing becomes empty: nothing depends on it.
    init(json: JSONValue?) {
        name = json?["name"]?.stringValue ?? ""
        version = json?["version"]?.stringValue ?? ""
        title = json?["title"]?.stringValue
    }
}

/// What a client learned of its server while connecting.
package struct ServerDescription: Hashable, Sendable {
    package let info: Implementation
    package let protocolVersion: ProtocolVersion
    package let instructions: String?
    package let capabilities: JSONObject
}
