import AgentLoop
import Testing

@Suite struct EventStreamParserTests {
    private func events(_ text: String) throws -> [String] {
        var parser = EventStreamParser()
        return try parser.push(Array(text.utf8)[...]).map { "\($0.name):\(String(decoding: $0.data, as: UTF8.self))" }
    }

    @Test(arguments: [
        ("data: a\n\n", ["message:a"]),
        ("event: x\ndata: a\n\n", ["x:a"]),
        ("event: x\r\ndata: a\r\n\r\n", ["x:a"]),
        ("event: x\rdata: a\r\r", ["x:a"]),
        ("data: a\ndata: b\n\n", ["message:a\nb"]),
        ("data:a\ndata:  b\n\n", ["message:a\n b"]),
        (": ping\n\ndata: a\n\n: more\n", ["message:a"]),
        ("id: 7\nretry: 10\nunknown: x\ndata: a\n\n", ["message:a"]),
        ("\u{FEFF}data: a\n\n", ["message:a"]),
        ("data\n\n", ["message:"]),
        ("event: x\n\ndata: a\n\n", ["message:a"]),
        ("data: a: b\n\n", ["message:a: b"]),
        ("data: a\u{2028}b\n\n", ["message:a\u{2028}b"]),
        ("data: cut off", []),
        ("data: cut off\n", []),
        ("", []),
    ])
    func reads(_ text: String, _ expected: [String]) throws {
        #expect(try events(text) == expected)
    }

    @Test func aLineLongerThanTheLimitIsRefused() throws {
        var parser = EventStreamParser(maximumBytes: 100)
        #expect(throws: ModelFailure.self) {
            for _ in 0..<20 { _ = try parser.push(Array("data: 12345678".utf8)[...]) }
        }
    }

    @Test func manyDataLinesAreBoundedTogether() throws {
        var parser = EventStreamParser(maximumBytes: 100)
        #expect(throws: ModelFailure.self) {
            for _ in 0..<20 { _ = try parser.push(Array("data: 12345678\n".utf8)[...]) }
        }
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func piecesDoNotMatter(seed: UInt64) throws {
        var noise = Noise(seed: seed)
        let good = "event: a\r\ndata: {\"x\":1}\r\n\r\n: c\n\nevent: ping\rdata: y\rdata: z\r\rdata: ü😀\n\n"
        let bytes = noise.mutated(Array(good.utf8))
        var whole = EventStreamParser()
        let expected = try whole.push(bytes[...])
        var parser = EventStreamParser()
        var found: [EventStreamParser.Event] = []
        for piece in noise.pieces(bytes) { found += try parser.push(piece) }
        #expect(found == expected)
    }
}
