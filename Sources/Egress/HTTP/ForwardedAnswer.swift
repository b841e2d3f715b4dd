/// A host's answer as it goes to the client.
struct ForwardedAnswer {
    let status: Int
    let framing: BodyFraming
    /// Whether the client's connection may be used again.
    let isKeptAlive: Bool
    let head: [UInt8]

    /// `head`: whole, as `HeadReader.length` measures it. `nil` for one that only announces another (1xx).
    init?(_ head: some Sequence<UInt8>, reader: HeadReader, to request: ForwardedRequest) throws(HTTPRefusal) {
        let line: [UInt8]
        let fields: [HeadField]
        do {
            (line, fields) = try reader.lines(head)
        } catch {
            throw Self.unreadable(error.reason)
        }
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20,
            ["HTTP/1.1", "HTTP/1.0"].contains(String(decoding: line[..<8], as: UTF8.self)),
            line[9..<12].allSatisfy({ (0x30...0x39).contains($0) }),
            let status = Int(String(decoding: line[9..<12], as: UTF8.self)), (100...599).contains(status),
            line.dropFirst(12).allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
        else { throw Self.unreadable("its first line is none") }
        guard status != 101 else { throw HTTPRefusal(502, "The host changed the protocol, which was not asked for.") }
        guard status >= 200 else { return nil }
        self.status = status
        let isCurrent = line[7] == UInt8(ascii: "1")
        if request.method == "HEAD" || status == 204 || status == 304 {
            framing = .none
        } else {
            do {
                framing = try fields.declaredFraming(isCurrent: isCurrent) ?? .untilClose
            } catch {
                throw Self.unreadable(error.reason)
            }
        }
        isKeptAlive = request.isKeptAlive && !framing.endsWithConnection
        let listed = Set(fields.tokens(of: "connection"))
        var result = Array("HTTP/1.1 ".utf8) + line[9...] + (line.count == 12 ? [0x20] : []) + [0x0D, 0x0A]
        for field in fields {
            let name = field.lowercasedName
            if Self.dropped.contains(name) || listed.contains(name) && !Self.kept.contains(name) { continue }
            result += Array(field.name.utf8) + [0x3A, 0x20] + field.value + [0x0D, 0x0A]
        }
        if framing == .chunked { result += Array("Transfer-Encoding: chunked\r\n".utf8) }
        result += Array("Connection: \(isKeptAlive ? "keep-alive" : "close")\r\n\r\n".utf8)
        self.head = result
    }

    private static let dropped: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
        "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
    ]
    /// Not the connection's, whatever the host says: without it the client would look for another end.
    private static let kept: Set<String> = ["content-length"]

    static func unreadable(_ reason: String) -> HTTPRefusal {
        HTTPRefusal(502, "The host's answer is not HTTP as it has to be: \(reason)")
    }
}
