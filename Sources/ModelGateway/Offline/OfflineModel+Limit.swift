internal import MCP

extension OfflineModel.Answer {
    /// What of the answer fits into `size` bytes, where as much was said `continuations` times already; and whether
    /// something is left. Waiting is done at the beginning. A call is made whole or not at all.
    func part(_ continuations: Int, ofBytes size: Int) -> (answer: OfflineModel.Answer, isCut: Bool) {
        let text = pieces.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: "\n\n")
        let calls = pieces.filter { if case .toolUse = $0 { true } else { false } }
        let callBytes = calls.map { piece in
            if case .toolUse(_, _, let input) = piece { JSONValue.object(input).text.utf8.count } else { 0 }
        }.reduce(0, +)
        guard continuations > 0 || text.utf8.count + callBytes > size else { return (self, false) }

        let start = text.boundary(atByte: continuations.multipliedReportingOverflow(by: size).partialValue)
        let end = text.boundary(atByte: (continuations + 1).multipliedReportingOverflow(by: size).partialValue)
        let said = text[start..<max(start, end)]
        let isCut = end < text.endIndex || said.utf8.count + callBytes > size
        var part = self
        part.pieces = continuations > 0 ? [] : pieces.filter { if case .pause = $0 { true } else { false } }
        if !said.isEmpty { part.pieces.append(.text(String(said))) }
        if !isCut { part.pieces += calls }
        return (part, isCut)
    }
}

extension String {
    /// The character that the byte belongs to, or the end.
    fileprivate func boundary(atByte offset: Int) -> String.Index {
        guard offset >= 0, let index = utf8.index(utf8.startIndex, offsetBy: offset, limitedBy: utf8.endIndex),
            index < endIndex
        else { return endIndex }
        return rangeOfCharacter(containing: index)
    }

    private func rangeOfCharacter(containing index: String.Index) -> String.Index {
        var index = index
        while index > startIndex, index.samePosition(in: self) == nil { index = utf8.index(before: index) }
        return index
    }
}
