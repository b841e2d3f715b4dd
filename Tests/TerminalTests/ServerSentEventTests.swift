import Terminal
import TestSupport
import Testing

@Suite struct ServerSentEventTests {
    private func parse(_ text: String) throws -> [ServerSentEvent] {
        var parser = ServerSentEventParser()
        return try parser.append(text.utf8)
    }

    @Test func readsNamesDataAndIDs() throws {
        let events = try parse("id: 7\nevent: entry\ndata: {\"a\":1}\n\nevent:draft\ndata:x\n\n")
        #expect(events == [.init(name: "entry", data: "{\"a\":1}", id: "7"), .init(name: "draft", data: "x")])
    }

    @Test func linesOfDataAreJoinedAndCommentsDropped() throws {
        #expect(
            try parse(": beat\n\ndata: one\n: in between\ndata: two\ndata\n\n") == [
                .init(name: "message", data: "one\ntwo\n")
            ])
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func allLineEndsWork(end: String) throws {
        #expect(try parse("event: a\(end)data: b\(end)\(end)") == [.init(name: "a", data: "b")])
    }

    @Test func aByteOrderMarkIsIgnoredAtTheStart() throws {
        #expect(try parse("\u{FEFF}data: x\n\n") == [.init(name: "message", data: "x")])
    }

    @Test func eventsWithoutDataAndUnfinishedOnesAreNone() throws {
        #expect(try parse("event: a\n\nretry: 5\nunknown: 1\n\ndata: unfinished\n").isEmpty)
    }

    @Test func anyPiecesGiveTheSameEvents() throws {
        var random = SeededGenerator(seed: 5)
        let parts = ["data: x", "data:", "event: e", "id: 1", "id: a\0b", ":", "\n", "\r", "\r\n", "\n\n", "é🎉", ": c"]
        for _ in 0..<500 {
            let text = (0..<30).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            var parser = ServerSentEventParser()
            var events: [ServerSentEvent] = []
            for piece in random.pieces(of: Array(text.utf8)) { events += try parser.append(piece) }
            #expect(events == (try parse(text)), "\(text.debugDescription)")
        }
    }

    @Test func anEventWithoutEndIsRefused() {
        var parser = ServerSentEventParser(limit: 1000)
        #expect(throws: TerminalError.self) { _ = try parser.append([UInt8](repeating: 0x61, count: 1001)) }
        var other = ServerSentEventParser(limit: 1000)
        #expect(throws: TerminalError.self) {
            for _ in 0..<500 { _ = try other.append("data: abc\n".utf8) }
        }
    }

    @Test func unknownEventsAreSkippedAndBrokenOnesNamed() throws {
        #expect(try ChatEvent(ServerSentEvent(name: "later_invention", data: "x")) == nil)
        #expect(throws: TerminalError.self) { _ = try ChatEvent(ServerSentEvent(name: "draft", data: "{")) }
        let error = #expect(throws: TerminalError.self) {
            _ = try ChatEvent(ServerSentEvent(name: "entry", data: "{}"))
        }
        #expect(error?.code == .protocolMismatch)
        #expect(error?.message.contains("“seq”") == true)
    }
}
