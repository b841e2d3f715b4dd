import BrokerProtocol
import MCP
import Synchronization
import Testing

struct FrameDecoderTests {
    private func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        let size = UInt32(text.utf8.count)
        return [stream, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } + text.utf8
    }

    private func decode(_ chunks: [[UInt8]], _ onDiagnostic: @escaping @Sendable (String) -> Void = { _ in }) throws
        -> String
    {
        var decoder = FrameDecoder(onDiagnostic: onDiagnostic)
        var output: [UInt8] = []
        for chunk in chunks { try chunk.withUnsafeBytes { try decoder.decode($0, into: &output) } }
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: 1...40) func framesComeApartHoweverTheyAreCut(size: Int) throws {
        let bytes = frame(1, "first\n") + frame(2, "noise") + frame(1, "") + frame(1, "second\n")
        let chunks = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(try decode(chunks) == "first\nsecond\n")
    }

    @Test func whatGoesToStandardErrorIsNotOutput() throws {
        let heard = Mutex("")
        let text = try decode([frame(2, "complaint")]) { piece in heard.withLock { $0 += piece } }
        #expect(text.isEmpty)
        #expect(heard.withLock { $0 } == "complaint")
    }

    @Test(arguments: [[0, 0, 0, 0, 0, 0, 0, 1], [3, 0, 0, 0, 0, 0, 0, 1], [1, 1, 0, 0, 0, 0, 0, 1]] as [[UInt8]])
    func whatIsNoFrameBreaksTheStream(header: [UInt8]) {
        #expect(throws: BrokerError.self) { try decode([header + [65]]) }
    }

    @Test func anAnnouncedSizeIsNotBelievedBeforeItsBytesCome() throws {
        #expect(try decode([[1, 0, 0, 0, 255, 255, 255, 255], Array("abc".utf8)]) == "abc")
    }
}
