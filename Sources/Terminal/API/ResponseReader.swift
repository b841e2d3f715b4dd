package import MCP

/// Reads values out of the daemon's JSON. What is missing or of another type is a version mismatch, named by its place.
package struct ResponseReader {
    let value: JSONValue
    /// Where `value` stands, for messages: `GET /api/me: person`.
    let place: String

    package init(value: JSONValue, place: String) {
        self.value = value
        self.place = place
    }

    func string(_ key: String) throws(TerminalError) -> String {
        guard let text = value[key]?.stringValue else { throw mismatch(key, "a text") }
        return text
    }

    func integer(_ key: String) throws(TerminalError) -> Int64 {
        guard let number = value[key]?.intValue else { throw mismatch(key, "a whole number") }
        return Int64(number)
    }

    func optionalString(_ key: String) -> String? { value[key]?.stringValue }
    func optionalInteger(_ key: String) -> Int64? { value[key]?.intValue.map { Int64($0) } }

    func object(_ key: String) throws(TerminalError) -> ResponseReader {
        guard let inner = value[key], inner.objectValue != nil else { throw mismatch(key, "an object") }
        return ResponseReader(value: inner, place: place + "." + key)
    }

    /// An absent list is an empty one.
    func list<Element>(
        _ key: String, _ read: (ResponseReader) throws(TerminalError) -> Element
    ) throws(TerminalError) -> [Element] {
        guard let found = value[key], !found.isNull else { return [] }
        guard let items = found.arrayValue else { throw mismatch(key, "a list") }
        var result: [Element] = []
        for item in items { result.append(try read(ResponseReader(value: item, place: place + "." + key))) }
        return result
    }

    func value<Value: RawRepresentable>(_ key: String, of type: Value.Type) throws(TerminalError) -> Value
    where Value.RawValue == String {
        let text = try string(key)
        guard let value = Value(rawValue: text) else { throw mismatch(key, "a known value, not “\(text)”,") }
        return value
    }

    private func mismatch(_ key: String, _ expected: String) -> TerminalError {
        TerminalError(
            .protocolMismatch,
            "The daemon's answer has no “\(key)” that is \(expected) (\(place)). "
                + "It is probably of another version than this program; restart it with `bulkhead serve`.")
    }
}
