/// What a client asked the proxy for, not yet read further than its lines.
struct RequestHead: Hashable {
    var method: String
    var target: String
    /// Whether it is HTTP/1.1; else 1.0.
    var isCurrent: Bool
    var fields: [HeadField]

    /// `head`: whole, as `HeadReader.length` measures it.
    init(_ head: some Sequence<UInt8>, reader: HeadReader) throws(HTTPRefusal) {
        let (line, fields) = try reader.lines(head)
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3 else {
            throw HTTPRefusal(400, "The request's first line is not METHOD TARGET HTTP/1.1, with one space between.")
        }
        guard (1...32).contains(words[0].count),
            words[0].allSatisfy({ (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "-") })
        else { throw HTTPRefusal(400, "The request's method is not one to three dozen capital letters.") }
        // What the target means is `Authority` and `AbsoluteTarget` to say; but it is printable or it is none.
        guard !words[1].isEmpty, words[1].allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw HTTPRefusal(400, "The request's target has a character that does not belong there.")
        }
        switch String(decoding: words[2], as: UTF8.self) {
        case "HTTP/1.1": isCurrent = true
        case "HTTP/1.0": isCurrent = false
        default: throw HTTPRefusal(505, "The proxy speaks HTTP/1.1.")
        }
        method = String(decoding: words[0], as: UTF8.self)
        target = String(decoding: words[1], as: UTF8.self)
        self.fields = fields
    }
}
