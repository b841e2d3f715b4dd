/// One part of a tool's result.
package enum Content: Hashable, Sendable {
    case text(String)
    /// `data` is base64.
    case image(data: String, mimeType: String)
    /// `data` is base64.
    case audio(data: String, mimeType: String)
    case resourceLink(uri: String, name: String, description: String? = nil, mimeType: String? = nil)
    /// An embedded resource: the `resource` member as it came.
    case resource(JSONValue)
    /// A kind this version does not know, or one with members (annotations) that the cases above have no room for.
    case other(JSONValue)

    package var json: JSONValue {
        switch self {
        case .text(let text): ["type": "text", "text": .string(text)]
        case .image(let data, let mimeType):
            ["type": "image", "data": .string(data), "mimeType": .string(mimeType)]
        case .audio(let data, let mimeType):
            ["type": "audio", "data": .string(data), "mimeType": .string(mimeType)]
        case .resourceLink(let uri, let name, let description, let mimeType):
            .object(Self.link(uri: uri, name: name, description: description, mimeType: mimeType))
        case .resource(let resource): ["type": "resource", "resource": resource]
        case .other(let json): json
        }
    }

    package init(json: JSONValue) throws(MCPError) {
        guard case .object(let object) = json, let type = object["type"]?.stringValue else {
            throw .invalidParams("content has to be an object with a type")
        }
        func text(_ key: String) throws(MCPError) -> String {
            guard let value = object[key]?.stringValue else {
                throw .invalidParams("\(type) content needs a string \(key)")
            }
            return value
        }
        let known: Content
        switch type {
        case "text": known = .text(try text("text"))
        case "image": known = .image(data: try text("data"), mimeType: try text("mimeType"))
        case "audio": known = .audio(data: try text("data"), mimeType: try text("mimeType"))
        case "resource_link":
            known = .resourceLink(
                uri: try text("uri"), name: try text("name"), description: object["description"]?.stringValue,
                mimeType: object["mimeType"]?.stringValue)
        case "resource":
            guard let resource = object["resource"], resource.objectValue != nil else {
                throw .invalidParams("resource content needs a resource")
            }
            known = .resource(resource)
        default: known = .other(json)
        }
        self = known.json.objectValue?.count == object.count ? known : .other(json)
    }

    /// The text of a text part, whatever else it carries.
    package var text: String? {
        switch self {
        case .text(let text): text
        case .other(let json) where json["type"]?.stringValue == "text": json["text"]?.stringValue
        default: nil
        }
    }

    private static func link(uri: String, name: String, description: String?, mimeType: String?) -> JSONObject {
        var json: JSONObject = ["type": "resource_link", "uri": .string(uri), "name": .string(name)]
        json["description"] = description.map(JSONValue.string)
        json["mimeType"] = mimeType.map(JSONValue.string)
        return json
    }
}
