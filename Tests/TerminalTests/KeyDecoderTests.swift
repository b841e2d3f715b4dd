import Terminal
import TestSupport
import Testing

@Suite struct KeyDecoderTests {
    private func keys(_ text: String) -> [Key] {
        var decoder = KeyDecoder()
        return decoder.append(text.utf8)
    }

    @Test(arguments: [
        ("abc", [Key.text("abc")]), ("é日🎉", [.text("é日🎉")]), ("\r", [.enter]), ("\n", [.newline]),
        ("\u{1B}\r", [.newline]), ("\u{7F}\u{08}", [.backspace, .backspace]),
        ("\u{03}\u{04}", [.control("c"), .control("d")]),
        ("\u{1B}[A\u{1B}[B\u{1B}OC\u{1B}[D", [.up, .down, .right, .left]),
        ("\u{1B}[H\u{1B}[4~\u{1B}[3~", [.home, .end, .delete]),
        ("\u{1B}[1;5C\u{1B}b", [.wordRight, .wordLeft]), ("a\u{1B}[99;99Xb", [.text("ab")]),
        ("\u{1B}]0;title\u{07}x", [.text("x")]), ("\u{1B}P..\u{1B}\\y", [.text("y")]), ("\u{17}", [.deleteWord]),
    ])
    func sequencesAreKeys(text: String, expected: [Key]) {
        #expect(keys(text) == expected)
    }

    @Test func aPasteIsOneKeyWithItsLines() {
        #expect(
            keys("\u{1B}[200~one\r\ntwo\rthree\u{1B}[A\u{1B}[201~x") == [.paste("one\ntwo\nthree\u{1B}[A"), .text("x")])
    }

    @Test func anEndlessPasteIsBoundedAndStillEnds() {
        var decoder = KeyDecoder()
        var found = decoder.append("\u{1B}[200~".utf8)
        found += decoder.append([UInt8](repeating: 0x61, count: 3 << 20))
        found += decoder.append("\u{1B}[201~z".utf8)
        guard case .paste(let text)? = found.first else {
            Issue.record("no paste")
            return
        }
        #expect(text.utf8.count <= (1 << 20) + 32)
        #expect(found.last == .text("z"))
    }

    @Test func anEscapeAloneIsTheKey() {
        var decoder = KeyDecoder()
        #expect(decoder.append([0x1B]).isEmpty)
        #expect(decoder.isPending)
        #expect(decoder.flush() == [.escape])
        #expect(!decoder.isPending)
    }

    @Test func anyBytesInAnyPiecesTypeNoControlCharacter() {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ in
                Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random)
                    : ([0x1B, 0x5B, 0x4F, 0x7E, 0x32, 0x30].randomElement(using: &random) ?? 0)
            }
            var decoder = KeyDecoder()
            var found: [Key] = []
            for piece in random.pieces(of: bytes) { found += decoder.append(piece) }
            for case .text(let text) in found {
                #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
            }
        }
    }
}
