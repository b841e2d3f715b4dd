/// A tool as `tools/list` describes it.
package struct Tool: Hashable, Sendable {
    package var name: String
    package var title: String?
    package var description: String
    /// A JSON Schema whose `type` is `object`.
    package var inputSchema: JSONValue
    package var outputSchema: JSONValue?
    package var annotations: JSONValue?

    package init(
        name: String, title: String? = nil, description: String = "", inputSchema: JSONValue = ["type": "object"],
        outputSchema: JSONValue? = nil, annotations: JSONValue? = nil
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.annotations = annotations
    }

    package var json: JSONValue {
        var json: JSONObject = ["name": .string(name)]
        json["title"] = title.map(JSONValue.string)
        if !description.isEmpty { json["description"] = .string(description) }
        json["inputSchema"] = inputSchema
        json["outputSchema"] = outputSchema
        json["annotations"] = annotations
        return .object(json)
    }

    package init(json: JSONValue) throws(MCPError) {
        guard let name = json["name"]?.stringValue, Self.isValid(name: name) else {
            throw .invalidParams("a tool needs a name of 1 to 128 letters, digits, '_', '-' or '.'")
        }
        guard let schema = json["inputSchema"], schema["type"]?.stringValue == "object" else {
            throw .invalidParams("the inputSchema of the tool \(name) has to be an object schema")
        }
        self.init(
            name: name, title: json["title"]?.stringValue, description: json["description"]?.stringValue ?? "",
            inputSchema: schema, outputSchema: json["outputSchema"], annotations: json["annotations"])
    }

    package static func isValid(name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
