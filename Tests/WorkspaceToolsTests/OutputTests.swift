import Testing
import WorkspaceTools

@Suite struct OutputTests {
    @Test func shortOutputIsWhole() {
        var output = CappedOutput(head: 4, tail: 4)
        output.append(Array("12345678".utf8))
        #expect(output.bytes == Array("12345678".utf8))
        #expect(output.omitted == 0)
    }

    @Test(arguments: 1..<40)
    func piecesDoNotMatter(size: Int) {
        let bytes = Array("The quick brown fox jumps over the lazy dog, again and again and again.".utf8)
        var output = CappedOutput(head: 10, tail: 7)
        for start in stride(from: 0, to: bytes.count, by: size) {
            output.append(bytes[start..<min(bytes.count, start + size)])
        }
        #expect(output.total == bytes.count)
        #expect(output.bytes == Array(bytes.prefix(10) + bytes.suffix(7)))
        #expect(output.omitted == bytes.count - 17)
    }

    @Test(arguments: 1..<12, 1..<12)
    func aCutNeverHalvesACharacter(head: Int, tail: Int) {
        var output = CappedOutput(head: head, tail: tail)
        output.append(Array(String(repeating: "aä€😀", count: 20).utf8))
        #expect(!output.text.hadInvalidBytes)
        #expect(!output.text.text.contains("\u{FFFD}"))
    }

    @Test func nothingKeptIsNoCrash() {
        var output = CappedOutput(head: 0, tail: 0)
        output.append([1, 2, 3])
        #expect(output.omitted == 3)
        #expect(CappedOutput(head: 3, tail: 3).text.text.isEmpty)
    }

    @Test func whatTheShellLeavesIsReadStrictly() {
        let good = Array("3\0/tmp/x\0A=1\0B=x\ny\0_=/usr/bin/env\0SHLVL=1\0".utf8)
        let left = ShellState.parse(good)
        #expect(left?.status == 3)
        #expect(left?.state == ShellState(directory: "/tmp/x", environment: [Array("A=1".utf8), Array("B=x\ny".utf8)]))
        for bad in ["", "3", "3\0", "x\0/tmp\0", "3\0relative\0", "3\0/tmp\0A=cut"] {
            #expect(ShellState.parse(Array(bad.utf8)) == nil, "\(bad)")
        }
        for count in good.indices { _ = ShellState.parse(Array(good[..<count])) }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ])
    func base64(_ text: String, _ encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["A", "AB", "ABC", "A===", "====", "AB=C", "AB==AB==", "A B=", "Zm9v\n", "Zm9-"])
    func badBase64IsRefused(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
