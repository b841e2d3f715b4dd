/// One JSON-RPC 2.0 message, its envelope checked.
enum RPCMessage: Sendable {
    case request(id: RequestID, method: String, params: JSONObject)
    case notification(method: String, params: JSONObject)
    case result(id: RequestID, JSONObject)
    /// Without an id where the peer could not tell which request it failed to read.
    case failure(id: RequestID?, MCPError)

    /// What is wrong with an envelope, and the id to answer to, where there is one to be seen.
    struct Malformed: Error, CustomStringConvertible {
        let id: RequestID?
        let error: MCPError

        var description: String { "not a JSON-RPC message: \(error.message)" }
    }

    init(_ json: JSONValue) throws(Malformed) {
        guard case .object(let envelope) = json else {
            throw Malformed(id: nil, error: .invalidRequest("a message has to be a JSON object"))
        }
        let givenID = envelope["id"]
        let id = RequestID(givenID)
        func refuse(_ reason: String) -> Malformed { Malformed(id: id, error: .invalidRequest(reason)) }
        guard envelope["jsonrpc"]?.stringValue == "2.0" else { throw refuse("jsonrpc has to be \"2.0\"") }
        if let method = envelope["method"] {
            guard let method = method.stringValue else { throw refuse("method has to be a string") }
            guard envelope["result"] == nil, envelope["error"] == nil else {
                throw refuse("a message is a request or a response, not both")
            }
            var params = JSONObject()
            if let given = envelope["params"] {
                guard case .object(let object) = given else { throw refuse("params has to be an object") }
                params = object
            }
            guard givenID != nil else {
                self = .notification(method: method, params: params)
                return
            }
            guard let id else { throw refuse("id has to be a string or an integer") }
            self = .request(id: id, method: method, params: params)
            return
        }
        switch (envelope["result"], envelope["error"]) {
        case (let result?, nil):
            guard let id else { throw refuse("a response needs the id of its request") }
            guard case .object(let object) = result else { throw refuse("result has to be an object") }
            self = .result(id: id, object)
        case (nil, let error?):
            guard case .object(let object) = error else { throw refuse("error has to be an object") }
            guard id != nil || givenID?.isNull != false else {
                throw refuse("id has to be a string or an integer")
            }
            self = .failure(id: id, MCPError(json: object))
        case (nil, nil): throw refuse("neither method nor result nor error")
        case (_?, _?): throw refuse("both result and error")
        }
    }

    // MARK: Writing

    static func request(_ id: RequestID, _ method: String, _ params: JSONObject?) -> [UInt8] {
        var message: JSONObject = ["jsonrpc": "2.0", "id": id.json, "method": .string(method)]
        message["params"] = params.map(JSONValue.object)
        return message.serialized()
    }

    static func notification(_ method: String, _ params: JSONObject? = nil) -> [UInt8] {
        var message: JSONObject = ["jsonrpc": "2.0", "method": .string(method)]
        message["params"] = params.map(JSONValue.object)
        return message.serialized()
    }

    static func response(_ id: RequestID, _ result: JSONObject) -> [UInt8] {
        response(id) { $0.append(result) }
    }

    /// The same as with `result.json`, without making that first: this is what most messages are.
    static func response(_ id: RequestID, _ result: CallToolResult, version: ProtocolVersion) -> [UInt8] {
        response(id) { serializer in
            serializer.append("{\"content\":[")
            for (index, part) in result.content.enumerated() {
                if index > 0 { serializer.append(",") }
                if case .text(let text) = part {
                    serializer.append("{\"type\":\"text\",\"text\":")
                    serializer.append(string: text)
                    serializer.append("}")
                } else {
                    serializer.append(part.json)
                }
            }
            serializer.append("]")
            if let structured = result.structuredContent {
                serializer.append(",\"structuredContent\":")
                serializer.append(structured)
            }
            if result.isError { serializer.append(",\"isError\":true") }
            if version.isStateless { serializer.append(",\"resultType\":\"complete\"") }
            serializer.append("}")
        }
    }

    private static func response(_ id: RequestID, _ result: (inout JSONSerializer) -> Void) -> [UInt8] {
        var serializer = JSONSerializer()
        serializer.bytes.reserveCapacity(192)
        serializer.append("{\"jsonrpc\":\"2.0\",\"id\":")
        serializer.append(id.json)
        serializer.append(",\"result\":")
        result(&serializer)
        serializer.append("}")
        return serializer.bytes
    }

    /// The id is left out where it could not be read: the schema of MCP allows that, and not `null`.
    static func response(_ id: RequestID?, _ error: MCPError) -> [UInt8] {
        var message: JSONObject = ["jsonrpc": "2.0"]
        message["id"] = id?.json
        message["error"] = .object(error.json)
        return message.serialized()
    }
}
