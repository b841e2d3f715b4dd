/// What the proxy itself says. The sentence stands in the first line too: of a tunnel that was refused, most clients show
/// nothing else.
enum ProxyAnswer {
    static let established = Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
    static let proceed = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    static func refusal(_ refusal: HTTPRefusal, method: String? = nil) -> [UInt8] {
        let body = "Bulkhead: \(refusal.reason)\n"
        let phrase = refusal.reason.utf8.prefix(240).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return Array(
            """
            HTTP/1.1 \(refusal.status) \(String(decoding: phrase, as: UTF8.self))\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: \(body.utf8.count)\r
            Connection: close\r
            \r

            """.utf8) + (method == "HEAD" ? [] : Array(body.utf8))
    }

    /// Fatal, unrecognised name (RFC 8446, 6.2): all that a client in the middle of its handshake understands.
    static let unrecognisedName: [UInt8] = [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x70]
}
