/// Reads one HTTP/1.1 response from bytes in any pieces (RFC 9112). Strict, because what it cannot read one way only it
/// should not read at all: folded headers, two lengths, a length beside chunks, other transfer codings are refused.
package struct HTTPResponseParser: Sendable {
    package struct Head: Sendable, Hashable {
        package var status: Int
        /// Names in lower case.
        package var headers: [String: String]
    }

    package enum Piece: Sendable, Hashable {
        case head(Head)
        case body(ArraySlice<UInt8>)
        case end
    }

    private enum State: Sendable, Hashable {
        case statusLine
        case headers
        case fixed(remaining: Int)
        case untilClose
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailers
        case done
    }

    static let maximumHeadBytes = 64 << 10
    private static let maximumLineBytes = 16 << 10

    private var state = State.statusLine
    private var line: [UInt8] = []
    private var headBytes = 0
    private var informational = 0
    private var head = Head(status: 0, headers: [:])

    package init() {}

    package var isDone: Bool { state == .done }

    package mutating func push(_ bytes: ArraySlice<UInt8>) throws(ModelFailure) -> [Piece] {
        var pieces: [Piece] = []
        var rest = bytes
        while !rest.isEmpty, state != .done {
            switch state {
            case .fixed(let remaining):
                let part = rest.prefix(remaining)
                rest = rest.dropFirst(part.count)
                pieces.append(.body(part))
                state = .fixed(remaining: remaining - part.count)
                if part.count == remaining { finish(&pieces) }
            case .chunk(let remaining):
                let part = rest.prefix(remaining)
                rest = rest.dropFirst(part.count)
                pieces.append(.body(part))
                state = part.count == remaining ? .chunkEnd : .chunk(remaining: remaining - part.count)
            case .untilClose:
                pieces.append(.body(rest))
                rest = rest[rest.endIndex...]
            case .statusLine, .headers, .chunkSize, .chunkEnd, .trailers:
                guard let text = try takeLine(&rest) else { return pieces }
                try take(line: text, &pieces)
            case .done: break
            }
        }
        return pieces
    }

    /// The peer has closed.
    package mutating func close() throws(ModelFailure) -> [Piece] {
        switch state {
        case .done: return []
        case .untilClose:
            state = .done
            return [.end]
        case .statusLine where line.isEmpty && informational == 0:
            throw ModelFailure(.unreachable, "the model's door closed without an answer")
        default: throw .broken("the model's answer broke off")
        }
    }

    private mutating func finish(_ pieces: inout [Piece]) {
        state = .done
        pieces.append(.end)
    }

    private mutating func take(line text: String, _ pieces: inout [Piece]) throws(ModelFailure) {
        switch state {
        case .statusLine: try takeStatus(text)
        case .headers:
            if text.isEmpty { try endHead(&pieces) } else { try takeHeader(text) }
        case .chunkSize:
            let digits = text.prefix { $0 != ";" }.trimmingSpaces()
            guard (1...8).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isHexDigit),
                let size = Int(digits, radix: 16)
            else { throw .broken("the model's answer had a bad chunk size") }
            state = size == 0 ? .trailers : .chunk(remaining: size)
        case .chunkEnd:
            guard text.isEmpty else { throw .broken("the model's answer had a chunk longer than its size") }
            state = .chunkSize
        case .trailers:
            if text.isEmpty { finish(&pieces) }
        case .fixed, .chunk, .untilClose, .done: break
        }
    }

    private mutating func takeStatus(_ text: String) throws(ModelFailure) {
        let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            parts[1].utf8.allSatisfy(\.isDigit), let status = Int(parts[1]), (100...599).contains(status), status != 101
        else { throw .broken("what came from the model's door is not HTTP") }
        head = Head(status: status, headers: [:])
        state = .headers
    }

    private mutating func takeHeader(_ text: String) throws(ModelFailure) {
        guard let colon = text.firstIndex(of: ":"), colon > text.startIndex,
            text[..<colon].utf8.allSatisfy(\.isTokenCharacter)
        else { throw .broken("the model's answer had a malformed header") }
        let name = text[..<colon].lowercased()
        let value = String(text[text.index(after: colon)...].trimmingSpaces())
        if let present = head.headers[name] {
            guard name != "content-length", name != "transfer-encoding" else {
                throw .broken("the model's answer had two headers \(name)")
            }
            head.headers[name] = present + ", " + value
        } else {
            head.headers[name] = value
        }
    }

    private mutating func endHead(_ pieces: inout [Piece]) throws(ModelFailure) {
        if head.status < 200 {
            informational += 1
            guard informational <= 4 else { throw .broken("the model's door sent only interim answers") }
            state = .statusLine
            return
        }
        let length = head.headers["content-length"]
        let coding = head.headers["transfer-encoding"]
        pieces.append(.head(head))
        switch (length, coding) {
        case (nil, nil): state = .untilClose
        case (nil, let coding?):
            guard coding.lowercased() == "chunked" else { throw .broken("the model's answer is coded as \(coding)") }
            state = .chunkSize
        case (let length?, nil):
            guard (1...15).contains(length.utf8.count), length.utf8.allSatisfy(\.isDigit), let count = Int(length)
            else { throw .broken("the model's answer had a bad length") }
            state = .fixed(remaining: count)
            if count == 0 { finish(&pieces) }
        case (_?, _?): throw .broken("the model's answer had a length beside chunks")
        }
        if head.status == 204 || head.status == 304, state != .done { finish(&pieces) }
    }

    /// The next line without its end, `nil` where it is not complete yet. CRLF or a bare LF ends it.
    private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(ModelFailure) -> String? {
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        line.append(contentsOf: rest[rest.startIndex..<end])
        headBytes += end - rest.startIndex + 1
        let isBodyFraming = state == .chunkSize || state == .chunkEnd
        guard line.count <= Self.maximumLineBytes, isBodyFraming || headBytes <= Self.maximumHeadBytes else {
            throw .broken("the model's answer had headers of more than \(Self.maximumHeadBytes) bytes")
        }
        guard end < rest.endIndex else {
            rest = rest[rest.endIndex...]
            return nil
        }
        rest = rest[(end + 1)...]
        defer { line.removeAll(keepingCapacity: true) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
            throw .broken("the model's answer had control characters in its headers")
        }
        return String(decoding: line, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var isHexDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }

    /// `tchar` of RFC 9110.
    fileprivate var isTokenCharacter: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
            || "!#$%&'*+-.^_`|~".utf8.contains(self)
    }
}

extension StringProtocol {
    fileprivate func trimmingSpaces() -> SubSequence {
        let start = firstIndex { $0 != " " && $0 != "\t" } ?? endIndex
        var end = endIndex
        while end > start, self[index(before: end)] == " " || self[index(before: end)] == "\t" {
            end = index(before: end)
        }
        return self[start..<end]
    }
}
