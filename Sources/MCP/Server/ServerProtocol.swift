/// Which era a request is of, and whether it may be handled: the pure part of a server session.
struct ServerProtocol {
    let info: Implementation
    let instructions: String?
    /// What `initialize` agreed on, once it has.
    private(set) var initialized: ProtocolVersion?

    /// How long a client may keep a list: it is told of changes where it can be, and asks again soon where it cannot.
    private static let listLifetime: JSONValue = 0

    init(info: Implementation, instructions: String?) {
        self.info = info
        self.instructions = instructions
    }

    static let supportedVersions = [ProtocolVersion.stateless] + ProtocolVersion.allWithInitialize

    /// The version that a request is to be handled by.
    func version(of method: String, _ params: JSONObject) throws(MCPError) -> ProtocolVersion {
        let meta = params["_meta"]
        if let meta, meta.objectValue == nil { throw .invalidParams("_meta has to be an object") }
        guard let named = meta?[MetaKey.protocolVersion] else {
            if let initialized { return initialized }
            throw .invalidParams(
                "\(method) needs _meta with \(MetaKey.protocolVersion), or initialize before it")
        }
        guard let text = named.stringValue else {
            throw .invalidParams("\(MetaKey.protocolVersion) has to be a string")
        }
        let version = ProtocolVersion(rawValue: text)
        if let initialized, initialized == version { return initialized }
        guard version.isStateless else {
            throw MCPError(
                code: .unsupportedProtocolVersion, message: "unsupported protocol version \(text)",
                data: [
                    "supported": [.string(ProtocolVersion.stateless.rawValue)], "requested": .string(text),
                ])
        }
        guard meta?[MetaKey.clientCapabilities]?.objectValue != nil else {
            throw .invalidParams("_meta needs the object \(MetaKey.clientCapabilities)")
        }
        return version
    }

    mutating func initialize(_ params: JSONObject) throws(MCPError) -> JSONObject {
        guard initialized == nil else { throw .invalidRequest("initialize came before") }
        guard let requested = params["protocolVersion"]?.stringValue else {
            throw .invalidParams("initialize needs a string protocolVersion")
        }
        let wanted = ProtocolVersion(rawValue: requested)
        let version = ProtocolVersion.allWithInitialize.contains(wanted) ? wanted : .newestWithInitialize
        initialized = version
        var result: JSONObject = [
            "protocolVersion": .string(version.rawValue), "capabilities": Self.capabilities,
            "serverInfo": .object(info.json),
        ]
        result["instructions"] = instructions.map(JSONValue.string)
        return result
    }

    func discover() -> JSONObject {
        var result: JSONObject = [
            "supportedVersions": .array(Self.supportedVersions.map { .string($0.rawValue) }),
            "capabilities": Self.capabilities, "serverInfo": .object(info.json),
        ]
        result["instructions"] = instructions.map(JSONValue.string)
        return finished(result, version: .stateless, isCacheable: true)
    }

    /// Adds what the era wants in every result.
    func finished(_ result: JSONObject, version: ProtocolVersion, isCacheable: Bool = false) -> JSONObject {
        guard version.isStateless else { return result }
        var result = result
        result["resultType"] = "complete"
        if isCacheable {
            result["ttlMs"] = Self.listLifetime
            result["cacheScope"] = "private"
        }
        return result
    }

    private static let capabilities: JSONValue = ["tools": ["listChanged": true]]
}
