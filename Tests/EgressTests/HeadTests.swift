import NetworkRules
import Testing

@testable import Egress

/// Reads a head as the proxy does, and what is sent on for it.
enum Heads {
    static func ask(_ text: String) throws -> Ask { try Ask(head(text)) }

    static func head(_ text: String) throws -> RequestHead {
        var reader = HeadReader(maximumBytes: 4096, maximumFields: 20)
        let bytes = Array(text.utf8)
        guard let length = try reader.length(bytes) else { throw Peer.Failure(what: "not complete") }
        return try RequestHead(bytes.prefix(length), reader: reader)
    }

    static func forwarded(_ text: String) throws -> ForwardedRequest {
        guard case .request(let request) = try ask(text) else { throw Peer.Failure(what: "a tunnel") }
        return request
    }
}

@Suite struct HeadTests {
    @Test func whatIsSentOnIsWhatWasDecidedOn() throws {
        let request = try Heads.forwarded(
            "POST http://Host.Test:8080/a?b=c HTTP/1.1\r\nhost: HOST.test:8080\r\nProxy-Authorization: Basic c2VjcmV0\r\n"
                + "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nProxy-Connection: x\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: x\r\nAccept:  */* \r\nContent-Length: 3\r\nX-Empty:\r\n\r\nabc")
        #expect(
            String(decoding: request.head, as: UTF8.self)
                == "POST /a?b=c HTTP/1.1\r\nHost: host.test:8080\r\nAccept: */*\r\nContent-Length: 3\r\nX-Empty: \r\n"
                + "Connection: close\r\n\r\n")
        #expect(request.isKeptAlive && request.framing == .length(3) && !request.expectsContinue)
    }

    @Test func aChunkedBodyStaysChunked() throws {
        let request = try Heads.forwarded(
            "PUT http://host.test/ HTTP/1.1\r\nHost: host.test\r\nTransfer-Encoding: Chunked\r\nExpect: 100-continue\r\n\r\n"
        )
        #expect(
            String(decoding: request.head, as: UTF8.self).hasSuffix(
                "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"))
        #expect(request.framing == .chunked && request.expectsContinue)
        #expect(!String(decoding: request.head, as: UTF8.self).contains("Expect"))
    }

    /// Each would be read in two ways by somebody.
    static let smuggled = [
        "GET http://host.test/ HTTP/1.1\r\n\r\n", "GET http://host.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\nHost: host.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\nhOst: other.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test, other.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test:8080\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost:\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: user@host.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost : host.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\n Host: host.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nX: 1\r\n Host: host.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\tx\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\nHost: host.test\n\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\nX: y\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\rX: y\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\0\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\nX: \u{1}\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\nno colon\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\n: x\r\n\r\n",
        "\r\nGET http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "GET  http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "GET http://host.test/ HTTP/1.1 \r\nHost: host.test\r\n\r\n",
        "GET\thttp://host.test/\tHTTP/1.1\r\nHost: host.test\r\n\r\n",
        "GET http://host.test/ x HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "GET http://host.test/ HTTP/2.0\r\nHost: host.test\r\n\r\n",
        "GET http://host.test/ http/1.1\r\nHost: host.test\r\n\r\n", "GET http://host.test/\r\nHost: host.test\r\n\r\n",
        "get http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "G:T http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: host.test\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "TRACE http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n",
        "GET http://user:pw@host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "GET https://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET http://host.test/ü HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent-Length: 3, 3\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent-Length: +3\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent-Length: -1\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent-Length: 0x3\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent-Length:\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent-Length: 9999999999999999999\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nContent_Length: 3\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nTransfer_Encoding: chunked\r\n\r\n",
        "POST http://host.test/ HTTP/1.0\r\nHost: host.test\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST http://host.test/ HTTP/1.1\r\nHost: host.test\r\nConnection: content-length\r\nContent-Length: 3\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\nConnection: close, host\r\n\r\n",
        "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\nExpect: 200-maybe\r\n\r\n",
        "CONNECT host.test HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "CONNECT http://host.test:443 HTTP/1.1\r\nHost: host.test\r\n\r\n",
        "CONNECT host.test:443 HTTP/1.1\r\nHost: other.test:443\r\n\r\n",
        "CONNECT host.test:443 HTTP/1.1\r\nHost: host.test:80\r\n\r\n",
        "CONNECT host.test:443 HTTP/1.1\r\n\r\n", "CONNECT host.test:443\0 HTTP/1.1\r\nHost: host.test:443\r\n\r\n",
        "CONNECT host.test:443 HTTP/1.1\r\nHost: host.test:443\r\nContent-Length: 5\r\n\r\n",
        "CONNECT host.test:443 HTTP/1.1\r\nHost: host.test:443\r\nTransfer-Encoding: chunked\r\n\r\n",
        "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
        "CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: 127.0.0.1:443\r\n\r\n",
    ]

    @Test(arguments: smuggled)
    func refusesWhatHasTwoReadings(_ text: String) {
        #expect(throws: HTTPRefusal.self) { try Heads.ask(text) }
    }

    @Test func takesWhatOldClientsSend() throws {
        guard case .tunnel(let target) = try Heads.ask("CONNECT host.test.:443 HTTP/1.0\r\n\r\n") else {
            Issue.record("no tunnel")
            return
        }
        #expect(target.description == "host.test:443")
        let request = try Heads.forwarded("GET http://host.test HTTP/1.0\r\n\r\n")
        #expect(!request.isKeptAlive)
        #expect(
            String(decoding: request.head, as: UTF8.self)
                == "GET / HTTP/1.1\r\nHost: host.test\r\nConnection: close\r\n\r\n")
    }

    @Test func isBounded() {
        var reader = HeadReader(maximumBytes: 100, maximumFields: 3)
        #expect(throws: HTTPRefusal.self) { try reader.length([UInt8](repeating: 0x61, count: 100)) }
        var other = HeadReader(maximumBytes: 1000, maximumFields: 3)
        let bytes = Array("GET / HTTP/1.1\r\na: 1\r\nb: 1\r\nc: 1\r\nd: 1\r\n\r\n".utf8)
        #expect(throws: HTTPRefusal.self) {
            let length = try other.length(bytes)
            _ = try RequestHead(bytes.prefix(length ?? 0), reader: other)
        }
    }

    @Test func anAnswersHeadIsHeldToTheSame() throws {
        let reader = HeadReader(maximumBytes: 4096, maximumFields: 20)
        let request = try Heads.forwarded("GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n")
        let answer = { (text: String) in try ForwardedAnswer(Array(text.utf8), reader: reader, to: request) }
        let good = try #require(
            try answer(
                "HTTP/1.1 200 OK\r\nConnection: x-a, content-length\r\nX-A: 1\r\nContent-Length: 3\r\nUpgrade: h2\r\n\r\n"
            ))
        #expect(
            String(decoding: good.head, as: UTF8.self)
                == "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n")
        #expect(try answer("HTTP/1.1 103 Early Hints\r\n\r\n") == nil)
        #expect(try answer("HTTP/1.1 204\r\nContent-Length: 5\r\n\r\n")?.framing == BodyFraming.none)
        #expect(try answer("HTTP/1.0 200 OK\r\n\r\n")?.framing == .untilClose)
        for text in [
            "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/2 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
            "HTTP/1.1 999 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        ] {
            #expect(throws: HTTPRefusal.self, "\(text)") { try answer(text) }
        }
    }
}

@Suite struct BodyFramingTests {
    @Test func aLengthEndsWhereItSays() throws {
        var framing = BodyFraming.length(5)
        #expect(try framing.accept([1, 2, 3]) == 3 && !framing.isComplete)
        #expect(try framing.accept([1, 2, 3]) == 2 && framing.isComplete)
        #expect(try framing.accept([1]) == 0)
        #expect(BodyFraming.length(0).isComplete)
    }

    @Test func chunksEndWithTheirLast() throws {
        let body = Array("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n".utf8)
        for cut in 0...body.count {
            var framing = BodyFraming.chunked
            let first = try framing.accept(body.prefix(cut))
            let second = try framing.accept(body.dropFirst(cut) + [0x47])
            #expect(first + second == body.count && framing.isComplete)
        }
    }

    @Test(arguments: [
        "\r\n", "3;x=y\r\n", "3 \r\n", " 3\r\n", "+3\r\n", "0x3\r\n", "3\n", "3\rX", "g\r\n", "3\r\nabcd", "3\r\nabc\n",
        "0\r\nX: y\r\n",
        "0000000000000001\r\n", "ffffffffffffffff\r\n", "0\r\n\n", "-1\r\n",
    ])
    func otherFramesAreNone(_ text: String) {
        var framing = BodyFraming.chunked
        #expect(throws: HTTPRefusal.self) { try framing.accept(Array(text.utf8)) }
    }
}
