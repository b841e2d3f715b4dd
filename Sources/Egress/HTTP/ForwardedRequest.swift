internal import NetworkRules

/// A request that is sent on: what is decided on, and the very bytes that follow from it.
struct ForwardedRequest {
    let target: AbsoluteTarget
    let method: String
    let framing: BodyFraming
    /// The head as it goes to the host.
    let head: [UInt8]
    /// Whether the client may ask for something else afterwards.
    let isKeptAlive: Bool
    /// Whether the client waits to be told before it sends its body.
    let expectsContinue: Bool

    init(_ request: RequestHead) throws(HTTPRefusal) {
        guard !["CONNECT", "TRACE", "TRACK", "PRI"].contains(request.method) else {
            throw HTTPRefusal(405, "\(request.method) is not sent on.")
        }
        do {
            target = try AbsoluteTarget(reading: request.target)
        } catch {
            throw HTTPRefusal(400, error.description)
        }
        try Self.checkHost(request, target.authority)
        let fields = request.fields
        let listed = Set(fields.tokens(of: "connection") + fields.tokens(of: "proxy-connection"))
        guard listed.isDisjoint(with: ["host", "content-length", "transfer-encoding", "authorization", "cookie"]) else {
            throw HTTPRefusal(400, "The Connection field names a field that is not the connection's.")
        }
        let declared = try fields.declaredFraming(isCurrent: request.isCurrent)
        framing = declared ?? .none
        method = request.method
        isKeptAlive = request.isCurrent && !listed.contains("close")
        let expectations = fields.values(of: "expect").map { String(decoding: $0, as: UTF8.self).lowercased() }
        guard expectations.isEmpty || expectations == ["100-continue"] else {
            throw HTTPRefusal(417, "The only expectation that is met is 100-continue.")
        }
        expectsContinue = request.isCurrent && !expectations.isEmpty && !framing.isComplete

        let port = target.authority.port == 80 ? "" : ":\(target.authority.port)"
        var head = Array("\(method) \(target.path) HTTP/1.1\r\nHost: \(target.authority.host)\(port)\r\n".utf8)
        for field in fields where !Self.dropped.contains(field.lowercasedName) && !listed.contains(field.lowercasedName)
        {
            head += Array(field.name.utf8) + [0x3A, 0x20] + field.value + [0x0D, 0x0A]
        }
        if declared == .chunked { head += Array("Transfer-Encoding: chunked\r\n".utf8) }
        // One request for each connection to a host: the next is decided on anew, and nothing can ride behind this one.
        head += Array("Connection: close\r\n\r\n".utf8)
        self.head = head
    }

    /// What concerns the connection to the proxy alone, and what is written anew.
    private static let dropped: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect",
        "proxy-authorization", "proxy-authenticate", "proxy-authentication-info", "http2-settings", "host",
        // By these some servers serve another request than the one that was decided on.
        "x-original-url", "x-rewrite-url", "x-http-method-override", "x-http-method", "x-method-override",
    ]

    /// A request without one Host, or with one that names another place than its target, is read differently by whoever
    /// goes by the one or the other.
    static func checkHost(_ request: RequestHead, _ target: Authority) throws(HTTPRefusal) {
        let hosts = request.fields.values(of: "host")
        if hosts.isEmpty, !request.isCurrent { return }
        guard hosts.count == 1 else { throw HTTPRefusal(400, "There has to be one Host field, and one only.") }
        let assumed: UInt16 = request.method == "CONNECT" ? target.port : 80
        guard let host = try? Authority(reading: String(decoding: hosts[0], as: UTF8.self), assumedPort: assumed),
            host == target
        else { throw HTTPRefusal(400, "The Host field does not name \(target), which the request is for.") }
    }
}
