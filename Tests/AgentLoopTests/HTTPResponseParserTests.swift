import AgentLoop
import Testing

@Suite struct HTTPResponseParserTests {
    /// The status and the body, or the failure's kind; `nil` while the response is not complete.
    private func read(_ pieces: [ArraySlice<UInt8>], closes: Bool = true) throws -> (status: Int, body: String)? {
        var parser = HTTPResponseParser()
        var all: [HTTPResponseParser.Piece] = []
        for piece in pieces { all += try parser.push(piece) }
        if closes { all += try parser.close() }
        var status = 0
        var body: [UInt8] = []
        for piece in all {
            switch piece {
            case .head(let head): status = head.status
            case .body(let bytes): body += bytes
            case .end: return (status, String(decoding: body, as: UTF8.self))
            }
        }
        return nil
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"),
        ("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", 200, ""),
        (
            "HTTP/1.1 529 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: v\r\n\r\n",
            529, "abc0123456789"
        ),
        ("HTTP/1.0 200 OK\r\n\r\nuntil close", 200, "until close"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, "ok"),
        ("HTTP/1.1 200 OK\r\nX: a\r\nX: b\r\nContent-Length: 2\r\n\r\nok, and more", 200, "ok"),
    ])
    func reads(_ text: String, _ status: Int, _ body: String) throws {
        let bytes = Array(text.utf8)
        for size in [1, 2, 7, bytes.count] {
            let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min(bytes.count, $0 + size)] }
            let response = try #require(try read(pieces))
            #expect(response == (status, body))
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "HTTP/1.1 200 OK\r\nX: y",
        "HTTP/2 200\r\n\r\n",
        "garbage\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 999 OK\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n", "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nSpace : x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: \u{1}\r\n\r\n",
        "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n",
    ])
    func refuses(_ text: String) {
        #expect(throws: ModelFailure.self) { _ = try read([Array(text.utf8)[...]]) }
    }

    @Test func headersAreBounded() {
        var parser = HTTPResponseParser()
        #expect(throws: ModelFailure.self) {
            _ = try parser.push(Array("HTTP/1.1 200 OK\r\n".utf8)[...])
            for _ in 0..<10_000 { _ = try parser.push(Array("a-header: with a value\r\n".utf8)[...]) }
        }
        var other = HTTPResponseParser()
        #expect(throws: ModelFailure.self) {
            for _ in 0..<10_000 { _ = try other.push(Array("one endless line".utf8)[...]) }
        }
    }

    @Test(arguments: 0..<500 as Range<UInt64>)
    func piecesDoNotMatterWhateverComes(seed: UInt64) {
        var noise = Noise(seed: seed)
        let good =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1a;q\r\n"
            + "abcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n"
        let bytes = noise.mutated(Array(good.utf8))
        func outcome(_ pieces: [ArraySlice<UInt8>]) -> String {
            do {
                guard let (status, body) = try read(pieces) else { return "incomplete" }
                return "\(status) \(body)"
            } catch {
                return "refused"
            }
        }
        #expect(outcome([bytes[...]]) == outcome(noise.pieces(bytes)))
    }
}
