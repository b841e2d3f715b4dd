import Testing

@testable import Egress

/// Random and mutated bytes: nothing traps, and what is taken holds what it promises.
@Suite struct FuzzTests {
    private struct Mutator {
        var random = SystemRandomNumberGenerator()
        let spice: [UInt8]

        mutating func mutated(_ seed: [UInt8]) -> [UInt8] {
            var bytes = seed
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes.insert(spice.randomElement(using: &random) ?? 0, at: place)
                case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 2 where place < bytes.count: bytes.remove(at: place)
                case 3: bytes = Array(bytes.prefix(place))
                default: bytes.insert(contentsOf: bytes.suffix(Int.random(in: 0...20, using: &random)), at: place)
                }
            }
            return bytes
        }
    }

    @Test func heads() throws {
        var mutator = Mutator(spice: Array("\0\r\n\t :/@?#%\\[].0aZ-_".utf8) + [0x80, 0xFF])
        let seeds = [
            "POST http://host.test:8080/a?b HTTP/1.1\r\nHost: host.test:8080\r\nContent-Length: 3\r\nConnection: close, x\r\n\r\nabc",
            "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "CONNECT host.test:443 HTTP/1.1\r\nHost: host.test:443\r\nProxy-Authorization: Basic x\r\n\r\n", "",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
            "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ].map { Array($0.utf8) }
        let asked = try Heads.forwarded("GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n")
        var taken = 0
        for round in 0..<100_000 {
            let bytes = mutator.mutated(seeds[round % seeds.count])
            var reader = HeadReader(maximumBytes: 200, maximumFields: 5)
            guard let length = try? reader.length(bytes) else { continue }
            #expect(length <= 200)
            if let answer = try? ForwardedAnswer(bytes.prefix(length), reader: reader, to: asked) {
                try holds(answer.head, answer.framing)
            }
            guard let head = try? RequestHead(bytes.prefix(length), reader: reader), let ask = try? Ask(head) else {
                continue
            }
            taken += 1
            if case .request(let request) = ask { try holds(request.head, request.framing) }
        }
        #expect(taken > 1000)
    }

    /// What is sent on is itself read in the one way, with the framing that was found.
    private func holds(_ head: [UInt8], _ framing: BodyFraming) throws {
        var reader = HeadReader(maximumBytes: 4096, maximumFields: 20)
        #expect(try reader.length(head) == head.count)
        let fields = try reader.lines(head).fields
        #expect(fields.filter { $0.lowercasedName == "connection" }.count == 1)
        if framing == .chunked { #expect(try fields.declaredFraming(isCurrent: true) == .chunked) }
    }

    @Test func chunksInAnyPieces() {
        var mutator = Mutator(spice: Array("\r\n0af;: ".utf8))
        let seed = Array("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nGET".utf8)
        for _ in 0..<100_000 {
            let bytes = mutator.mutated(seed)
            var whole = BodyFraming.chunked
            let expected = try? whole.accept(bytes)
            var pieces = BodyFraming.chunked
            var count: Int? = 0
            var rest = bytes[...]
            while !rest.isEmpty, let soFar = count {
                let piece = rest.prefix(Int.random(in: 1...4))
                rest = rest.dropFirst(piece.count)
                count = (try? pieces.accept(piece)).map { soFar + $0 }
            }
            #expect(count == expected && (expected == nil || whole == pieces))
        }
    }

    @Test func clientHellos() throws {
        var mutator = Mutator(spice: [0, 1, 2, 3, 22, 23, 0xFE, 0x0D, 0xFF])
        var hidden = Hello("host.test")
        hidden.extensions = [(0xFE0D, [1, 2]), (16, [0, 3, 2, 0x68, 0x32])]
        var scattered = Hello("host.test")
        scattered.recordSize = 11
        let seeds = [Hello("host.test").bytes, hidden.bytes, scattered.bytes, Hello(nil).bytes, []]
        let host = try "host.test".asHost
        for round in 0..<100_000 {
            let bytes = mutator.mutated(seeds[round % seeds.count])
            let hello = ClientHello(bytes)
            // More bytes never change what was said.
            if hello != nil { #expect(ClientHello(bytes + [0, 22, 3, 1]) == hello) }
            if round % 5 == 0, hello == .named(host) { #expect(bytes.count >= 60) }
        }
    }
}
