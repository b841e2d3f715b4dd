/// Splits a body of `text/event-stream` into events, whatever pieces it arrives in. Lines end at LF, CR or CRLF;
/// comments, `id` and `retry` are passed over; an event that the end of the stream cuts off is never delivered.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
package struct EventStreamParser: Sendable {
    package struct Event: Sendable, Hashable {
        package var name: String
        package var data: [UInt8]
    }

    private let maximumBytes: Int
    private var line: [UInt8] = []
    private var name: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var previousWasCR = false
    private var isAtStart = true

    /// `maximumBytes` bounds one line and one event.
    package init(maximumBytes: Int = 16 << 20) {
        self.maximumBytes = maximumBytes
    }

    /// The events that these bytes complete.
    package mutating func push(_ bytes: ArraySlice<UInt8>) throws(ModelFailure) -> [Event] {
        var events: [Event] = []
        var rest = bytes
        while let first = rest.first {
            if previousWasCR {
                previousWasCR = false
                if first == UInt8(ascii: "\n") {
                    rest = rest.dropFirst()
                    continue
                }
            }
            let end = rest.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? rest.endIndex
            guard line.count + data.count + (end - rest.startIndex) <= maximumBytes else {
                throw .broken("the model's answer had an event of more than \(maximumBytes) bytes")
            }
            line.append(contentsOf: rest[rest.startIndex..<end])
            guard end < rest.endIndex else { break }
            previousWasCR = rest[end] == UInt8(ascii: "\r")
            rest = rest[(end + 1)...]
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        guard !line.isEmpty else { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        if line[..<colon].elementsEqual("event".utf8) {
            name = Array(value)
        } else if line[..<colon].elementsEqual("data".utf8) {
            if hasData { data.append(UInt8(ascii: "\n")) }
            data.append(contentsOf: value)
            hasData = true
        }
        return nil
    }

    private mutating func endEvent() -> Event? {
        defer {
            name = []
            data = []
            hasData = false
        }
        guard hasData else { return nil }
        return Event(name: name.isEmpty ? "message" : String(decoding: name, as: UTF8.self), data: data)
    }
}
