/// `"3"` or `"2-5"`, counted from 1.
package struct PageRange: Sendable, Hashable {
    package let first: Int
    package let last: Int

    package init(first: Int, last: Int) {
        self.first = first
        self.last = last
    }

    package init(_ text: String) throws(ToolProblem) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.compactMap { part in
            (1...6).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard (1...2).contains(parts.count), numbers.count == parts.count, let first = numbers.first,
            let last = numbers.last, first >= 1, first <= last
        else { throw ToolProblem("\"pages\" must be a page or a range, such as \"3\" or \"2-5\".") }
        self.init(first: first, last: last)
    }
}
