/// Cuts a server-sent-event stream into whole events, each with its blank line: bytes in any pieces in, events out. An
/// event that never ends stays inside, for no client could act on it either. Line ends may be LF, CRLF or CR.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
struct EventSplitter {
    struct TooLong: Error {}

    private let maximumBytes: Int
    private var pending: [UInt8] = []
    /// How much of `pending` has been looked at.
    private var scanned = 0
    private var lineIsEmpty = true
    private var lastWasReturn = false
    /// The blank line ended with CR at the end of a piece: a following LF still belongs to it.
    private var swallowsLineFeed = false

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Bytes of an event that is not complete yet.
    var isInsideEvent: Bool { !pending.isEmpty }

    mutating func append(_ bytes: some Collection<UInt8>) throws(TooLong) -> [ArraySlice<UInt8>] {
        pending.append(contentsOf: bytes)
        var events: [ArraySlice<UInt8>] = []
        var start = 0
        if swallowsLineFeed, scanned < pending.count {
            swallowsLineFeed = false
            if pending[scanned] == 0x0A {
                scanned += 1
                start = scanned
            }
        }
        while scanned < pending.count {
            let byte = pending[scanned]
            scanned += 1
            switch byte {
            case 0x0A where lastWasReturn: lastWasReturn = false
            case 0x0A, 0x0D:
                lastWasReturn = byte == 0x0D
                guard lineIsEmpty else {
                    lineIsEmpty = true
                    continue
                }
                if byte == 0x0D {
                    // The LF of a CRLF goes with its event, if it is here already.
                    if scanned < pending.count {
                        if pending[scanned] == 0x0A { scanned += 1 }
                    } else {
                        swallowsLineFeed = true
                    }
                    lastWasReturn = false
                }
                events.append(pending[start..<scanned])
                start = scanned
            default:
                lastWasReturn = false
                lineIsEmpty = false
            }
        }
        if start > 0 {
            pending.removeFirst(start)
            scanned -= start
        }
        guard pending.count <= maximumBytes else { throw TooLong() }
        return events
    }
}

/// The two fields of an event that the Messages API uses.
struct StreamEvent {
    var name = ""
    var data: [UInt8] = []

    /// `bytes` is one event as `EventSplitter` yields it.
    init(_ bytes: ArraySlice<UInt8>) {
        var hasData = false
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if let value = Self.value(of: "data", in: line) {
                if hasData { data.append(0x0A) }
                data += value
                hasData = true
            } else if let value = Self.value(of: "event", in: line) {
                name = String(decoding: value, as: UTF8.self)
            }
        }
    }

    private static func value(of field: StaticString, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let field = UnsafeBufferPointer(start: field.utf8Start, count: field.utf8CodeUnitCount)
        guard line.starts(with: field) else { return nil }
        var rest = line.dropFirst(field.count)
        guard let colon = rest.first else { return rest }
        guard colon == UInt8(ascii: ":") else { return nil }
        rest = rest.dropFirst()
        return rest.first == 0x20 ? rest.dropFirst() : rest
    }
}
