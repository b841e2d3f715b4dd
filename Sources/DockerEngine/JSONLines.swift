internal import MCP

/// Splits a stream into JSON values, one a line.
struct JSONLines {
    private var rest: [UInt8] = []
    static let maximumLine = 1 << 20

    mutating func take(_ chunk: [UInt8]) throws -> [JSONValue] {
        rest += chunk
        var values: [JSONValue] = []
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[start..<end].filter { $0 != UInt8(ascii: "\r") }
            start = end + 1
            guard !line.isEmpty else { continue }
            do {
                values.append(try JSONValue(parsing: line))
            } catch {
                throw EngineError(.badAnswer, "a line of the Docker Engine's stream is not JSON: \(error)")
            }
        }
        rest.removeSubrange(..<start)
        guard rest.count <= Self.maximumLine else {
            throw EngineError(.badAnswer, "the Docker Engine sends a line of more than \(Self.maximumLine) bytes")
        }
        return values
    }
}
