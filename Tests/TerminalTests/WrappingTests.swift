import Markdown
import Terminal
import TestSupport
import Testing

@Suite struct WrappingTests {
    @Test(arguments: [
        ("abc", 3), ("日本", 4), ("🎉", 2), ("e\u{0301}", 1), ("❤️", 2), ("1️⃣", 2), ("👩‍👩‍👧", 2), ("", 0), ("ñ", 1),
    ])
    func widthsAreThoseOfATerminal(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test func breaksAtSpacesAndIndentsTheRest() {
        let lines = StyledLine("one two three four five").wrapped(to: 10, indent: StyledLine("  "))
        #expect(lines.map(\.plain) == ["one two", "  three", "  four", "  five"])
    }

    @Test func breaksALongWordInside() {
        #expect(StyledLine("abcdefghij").wrapped(to: 4).map(\.plain) == ["abcd", "efgh", "ij"])
    }

    @Test func hardWrappingKeepsEverySpace() {
        #expect(StyledLine("a   b   c").hardWrapped(to: 4).map(\.plain) == ["a   ", "b   ", "c"])
    }

    @Test func truncatingShowsThatThereWasMore() {
        #expect(StyledLine("日本語日本語").truncated(to: 6).plain == "日本…")
        #expect(StyledLine("short").truncated(to: 6).plain == "short")
    }

    @Test func noLineIsWiderThanAskedAndNothingIsLost() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<1500 {
            let text = random.hostileText(length: 60)
            let width = Int.random(in: 8...30, using: &random)
            let line = StyledLine(text, .bold)
            let wrapped = line.wrapped(to: width)
            #expect(wrapped.allSatisfy { $0.width <= width }, "\(text.debugDescription)")
            let squeezed = wrapped.map(\.plain).joined().filter { $0 != " " }
            #expect(squeezed == line.plain.filter { $0 != " " })
            let hard = line.hardWrapped(to: width)
            #expect(hard.map(\.plain).joined() == line.plain)
            #expect(hard.allSatisfy { $0.width <= width })
        }
    }

    @Test func tablesAlignAndFit() {
        let table = TextTable(
            columns: [.init("name"), .init("size", alignment: .trailing), .init("what")],
            rows: [
                [StyledLine("日本"), StyledLine("7"), StyledLine("short")],
                [
                    StyledLine("report"), StyledLine("1024"),
                    StyledLine("a longer text that does not fit beside the others"),
                ],
            ])
        let wide = table.lines(width: nil).map(\.plain)
        #expect(wide[0] == "name    size  what")
        #expect(wide[2] == "日本       7  short")
        let narrow = table.lines(width: 40)
        #expect(narrow.allSatisfy { $0.width <= 40 })
        #expect(narrow.count > wide.count)
    }

    @Test func aTableInNoRoomStillEnds() {
        let columns = (0..<20).map { TextTable.Column("column \($0)") }
        let lines = TextTable(columns: columns, rows: [columns.map(\.title)]).lines(width: 20)
        #expect(!lines.isEmpty)
    }

    @Test func styledLinesCarryNoEscapeButTheirOwn() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let text = random.hostileText(length: 30)
            var line = StyledLine(text, [.bold, .red])
            line.append(text, .dim)
            #expect(!line.rendered(styled: false).unicodeScalars.contains { $0.value == 0x1B || $0 == "\n" })
            // One sequence before and one after each span.
            let escapes = line.rendered(styled: true).unicodeScalars.count { $0.value == 0x1B }
            #expect(escapes == 2 * line.spans.count)
        }
    }
}
