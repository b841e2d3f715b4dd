internal import MCP

/// What a task's check says: `{"wakeAgent": true, "data": …}`, the last line of its output or all of it.
struct CheckAnswer: Sendable, Equatable {
    let wakesAgent: Bool
    let data: JSONValue?

    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    init(_ output: String, limit: Int) throws(Unreadable) {
        guard output.utf8.count <= limit else {
            throw Unreadable(description: "it printed more than \(limit >> 10) KiB")
        }
        let lines = output.split(whereSeparator: \.isNewline)
        let whole = try? JSONValue(parsing: Array(output.utf8))
        guard let last = lines.last,
            let object = (whole ?? (try? JSONValue(parsing: Array(last.utf8))))?.objectValue
        else { throw Unreadable(description: "it prints no JSON object with wakeAgent") }
        guard let wakes = object["wakeAgent"]?.boolValue else {
            throw Unreadable(description: "wakeAgent has to be true or false")
        }
        let unknown = object.map(\.key).filter { $0 != "wakeAgent" && $0 != "data" }.sorted()
        guard unknown.isEmpty else {
            throw Unreadable(description: "it prints wakeAgent and data, and nothing else: \(unknown[0].prefix(40))")
        }
        wakesAgent = wakes
        data = object["data"]
    }
}
