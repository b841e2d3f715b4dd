internal import MCP
internal import NetworkRules
internal import Vault

/// A request as the agent asked for it, read strictly: what is decided on is what is sent, with the values of its secrets.
struct RequestPlan: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        let name: String
        let value: SecretTemplate
    }

    let method: String
    let url: RequestURL
    /// Names in lower case.
    let headers: [Field]
    let query: [Field]
    let body: SecretTemplate?
    let timeout: Duration

    static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    init(_ arguments: JSONObject, limits: WebRequestLimits) throws(WebRequestError) {
        let method = arguments["method"]?.stringValue?.uppercased() ?? "GET"
        guard Self.methods.contains(method) else {
            throw WebRequestError("The method is one of \(Self.methods.joined(separator: ", ")).")
        }
        self.method = method
        url = try RequestURL(reading: arguments["url"]?.stringValue ?? "", limit: limits.addressBytes)
        headers = try Self.headers(arguments["headers"]?.objectValue ?? [:], limits)
        query = try Self.query(arguments["query"]?.objectValue ?? [:])
        body = try arguments["body"]?.stringValue.map { text throws(WebRequestError) in
            guard text.utf8.count <= limits.requestBytes else {
                throw WebRequestError("The body is longer than \(limits.requestBytes >> 10) KiB.")
            }
            return try SecretTemplate(reading: text)
        }
        if let seconds = arguments["timeout"]?.intValue {
            guard seconds >= 1, .seconds(seconds) <= limits.longest else {
                throw WebRequestError("The timeout is 1 to \(limits.longest.components.seconds) seconds.")
            }
            timeout = .seconds(seconds)
        } else {
            timeout = limits.total
        }
        guard body == nil || method != "GET" && method != "HEAD" else {
            throw WebRequestError("\(method) takes no body.")
        }
        guard secrets.isEmpty || url.isSecure else {
            throw WebRequestError("A secret goes over https alone.")
        }
    }

    /// Each once, in the order they stand.
    var secrets: [SecretName] {
        var known: Set<SecretName> = []
        let all = headers.flatMap(\.value.secrets) + query.flatMap(\.value.secrets) + (body?.secrets ?? [])
        return all.filter { known.insert($0).inserted }
    }

    /// Each mark's secret with the place it is to go to.
    var uses: [(name: SecretName, place: SecretPlace)] {
        headers.flatMap { field in field.value.secrets.map { ($0, .header(field.name)) } }
            + query.flatMap { field in field.value.secrets.map { ($0, .query(field.name)) } }
            + (body?.secrets ?? []).map { ($0, .body) }
    }

    /// Headers in which the agent itself gives a credential.
    var ownCredentials: [String] {
        headers.filter { Self.isCredential($0.name) && $0.value.secrets.isEmpty }.map(\.name)
            + query.filter { Self.isCredentialParameter($0.name) && $0.value.secrets.isEmpty }.map(\.name)
            + (url.query.map(Self.parameters) ?? []).filter(Self.isCredentialParameter)
    }

    private static func headers(
        _ object: JSONObject, _ limits: WebRequestLimits
    ) throws(WebRequestError) -> [Field] {
        guard object.count <= limits.headers else {
            throw WebRequestError("There are more than \(limits.headers) headers.")
        }
        var fields: [Field] = []
        var size = 0
        for (key, value) in object {
            let name = key.lowercased()
            let text = value.stringValue ?? ""
            size += name.utf8.count + text.utf8.count
            guard size <= limits.headerBytes else {
                throw WebRequestError("The headers are longer than \(limits.headerBytes >> 10) KiB.")
            }
            guard !name.isEmpty, name.utf8.allSatisfy(isToken) else {
                throw WebRequestError("A header has a name that is none: \(Authority.shown(name.utf8.prefix(60)))")
            }
            guard !isOurs(name) else { throw WebRequestError("The header \(name) is not the agent's to set.") }
            guard isFieldValue(text) else {
                throw WebRequestError("The header \(name) has a line end or another control character in it.")
            }
            guard !fields.contains(where: { $0.name == name }) else {
                throw WebRequestError("The header \(name) is there twice.")
            }
            fields.append(Field(name: name, value: try SecretTemplate(reading: text)))
        }
        return fields
    }

    private static func query(_ object: JSONObject) throws(WebRequestError) -> [Field] {
        var fields: [Field] = []
        for (key, value) in object {
            for item in value.arrayValue ?? [value] {
                let text: String
                switch item {
                case .string(let string): text = string
                case .int(let number): text = String(number)
                case .bool(let flag): text = String(flag)
                case .double(let number): text = String(number)
                default:
                    throw WebRequestError("The query parameter \(key.prefix(60)) is no text and no list of texts.")
                }
                fields.append(Field(name: key, value: try SecretTemplate(reading: text)))
            }
        }
        return fields
    }

    static func isFieldValue(_ text: String) -> Bool { text.utf8.allSatisfy { $0 == 9 || $0 >= 0x20 && $0 != 0x7F } }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: Array("!#$%&'*+-.^_`|~".utf8).contains(byte)
        }
    }

    /// What frames and routes a request is the client's, and what would have an answer packed.
    private static func isOurs(_ name: String) -> Bool {
        [
            "host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
            "expect", "accept-encoding", "via", "forwarded",
            // By these some servers serve another request than the one a secret was bound to.
            "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url",
            "x-original-uri", "x-original-host", "x-host",
        ].contains(name) || name.hasPrefix("proxy-") || name.hasPrefix("x-forwarded-") || name.hasPrefix("sec-")
            || name.hasPrefix("x-envoy-")
    }

    private static func isCredential(_ name: String) -> Bool {
        ["authorization", "cookie"].contains(name)
            || ["api-key", "apikey", "token", "auth", "secret", "password", "session", "signature", "credential"]
                .contains { name.contains($0) }
    }

    private static func isCredentialParameter(_ name: String) -> Bool {
        let plain = name.lowercased().filter { $0.isLetter }
        return ["key", "sig", "auth"].contains(plain)
            || ["apikey", "token", "secret", "password", "signature", "credential", "authkey", "accesskey"]
                .contains { plain.contains($0) }
    }

    private static func parameters(_ query: String) -> [String] {
        query.split(separator: "&").map { String($0.prefix { $0 != "=" }) }
    }
}
