import Terminal
import TestSupport
import Testing

@Suite struct LineEditorTests {
    private func editor(_ keys: Key...) -> LineEditor {
        var editor = LineEditor()
        for key in keys { _ = editor.handle(key) }
        return editor
    }

    @Test func editsInTheMiddle() {
        #expect(editor(.text("helo"), .left, .text("l")).text == "hello")
        #expect(editor(.text("one two"), .deleteWord).text == "one ")
        #expect(editor(.text("one two"), .home, .delete, .control("k")).text == "")
        #expect(editor(.text("one two"), .wordLeft, .control("u"), .end, .control("y")).text == "twoone ")
        #expect(editor(.backspace, .delete, .left, .wordLeft, .deleteWord, .up, .down).text == "")
    }

    @Test func aPasteKeepsItsLinesUnsent() {
        #expect(editor(.paste("a\nb"), .newline, .text("c")).text == "a\nb\nc")
    }

    @Test func aMarkTypedAloneLandsOnItsLetter() {
        let composed = editor(.text("e"), .text("\u{0301}"), .text("x"))
        #expect(composed.characters.count == 2)
        #expect(composed.cursor == 2)
    }

    @Test func historyComesBackAndTheUnsentLineIsKept() {
        var editor = LineEditor()
        for line in ["first", "second"] {
            _ = editor.handle(.text(line))
            #expect(editor.handle(.enter) == .submitted(line))
        }
        _ = editor.handle(.text("unsent"))
        _ = editor.handle(.up)
        #expect(editor.text == "second")
        _ = editor.handle(.up)
        _ = editor.handle(.up)
        #expect(editor.text == "first")
        _ = editor.handle(.down)
        _ = editor.handle(.down)
        #expect(editor.text == "unsent")
    }

    @Test func arrowsMoveBetweenLinesBeforeHistory() {
        var editor = editor(.paste("long line\nab"))
        _ = editor.handle(.up)
        #expect(editor.cursor == 2)
        _ = editor.handle(.down)
        #expect(editor.cursor == 12)
    }

    @Test func controlKeysEndOrInterrupt() {
        var editor = LineEditor()
        #expect(editor.handle(.control("c")) == .interrupted)
        #expect(editor.handle(.control("d")) == .endOfInput)
        _ = editor.handle(.text("x"))
        #expect(editor.handle(.control("d")) == .edited)
    }

    @Test func drawingFitsAndKeepsTheCursorInSight() {
        var random = SeededGenerator(seed: 13)
        let moves: [Key] = [
            .left, .right, .up, .down, .home, .end, .wordLeft, .wordRight, .newline, .backspace, .text("日本 x"),
        ]
        var editor = LineEditor()
        for _ in 0..<3000 {
            _ = editor.handle(moves.randomElement(using: &random) ?? .left)
            let drawn = editor.drawn(prompt: StyledLine("› "), width: 20, height: 4)
            #expect(drawn.lines.count <= 4 && drawn.lines.indices.contains(drawn.row))
            #expect(drawn.lines.allSatisfy { $0.width <= 22 })
            #expect(drawn.column <= 20)
        }
    }

    @Test func drawsPromptAndCursor() {
        let drawn = editor(.text("ab"), .newline, .text("cd"), .left).drawn(
            prompt: StyledLine("› "), width: 20, height: 4)
        #expect(drawn.lines.map(\.plain) == ["› ab", "  cd"])
        #expect(drawn.row == 1 && drawn.column == 3)
    }
}
