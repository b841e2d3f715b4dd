/// Which era a request is of, whether it may be handled, and what its result carries: the pure part of a server session.
struct ServerProtocol {
    let info: Implementation
    let instructions: String?
    /// What `initialize` agreed on, once it has.
    private(set) var initialized: ProtocolVersion?

    init(info: Implementation, instructions: String?) {
        self.info = info
        self.instructions = instructions
    }

    static let supportedVersions: JSONValue = .array(
        ([ProtocolVersion.stateless] + ProtocolVersion.allWithInitialize).map { .string($0.rawValue) })

    private static let capabilities: JSONValue = ["tools": ["listChanged": true]]

    /// The version that a request is to be handled by. A request that names one is of the stateless era, whatever came
    /// before on the connection; one that names none belongs to the era that `initialize` opened.
    func version(of method: String, _ params: JSONObject) throws(MCPError) -> ProtocolVersion {
        let meta = params["_meta"]
        if let meta, meta.objectValue == nil { throw .invalidParams("_meta has to be an object") }
        guard let named = meta?[MetaKey.protocolVersion] else {
            guard let initialized else {
                throw .invalidParams("\(method) needs \(MetaKey.protocolVersion) in _meta, or initialize before it")
            }
            guard method != "server/discover", method != "subscriptions/listen" else { throw .methodNotFound(method) }
            return initialized
        }
        guard let text = named.stringValue else {
            throw .invalidParams("\(MetaKey.protocolVersion) has to be a string")
        }
        let version = ProtocolVersion(rawValue: text)
        guard version.isStateless else {
            throw MCPError(
                code: .unsupportedProtocolVersion, message: "unsupported protocol version \(text.prefix(40))",
                data: ["supported": Self.supportedVersions, "requested": .string(text)])
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
            "supportedVersions": Self.supportedVersions, "capabilities": Self.capabilities,
            "_meta": .object([MetaKey.serverInfo: .object(info.json)]),
        ]
        result["instructions"] = instructions.map(JSONValue.string)
        return finished(result, version: .stateless, isCacheable: true)
    }

    /// Adds what the era wants in every result. Lists may not be kept by the client: they can differ by session, and
    /// asking again costs little.
    func finished(_ result: JSONObject, version: ProtocolVersion, isCacheable: Bool = false) -> JSONObject {
        guard version.isStateless else { return result }
        var result = result
        result["resultType"] = "complete"
        if isCacheable {
            result["ttlMs"] = 0
            result["cacheScope"] = "private"
        }
        return result
    }
}
