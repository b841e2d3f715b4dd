import Foundation
import MCP

/// A response as it came, read far enough to know its end.
struct HTTPReply: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
    /// The connection ended before the body did.
    var isCutOff = false

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    var errorType: String? { json["error"]?["type"]?.stringValue }
    var errorMessage: String { json["error"]?["message"]?.stringValue ?? "" }

    /// Events of a stream, by name, with their data.
    var events: [(name: String, data: JSONValue)] {
        text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { event in
            let lines = event.components(separatedBy: "\n")
            let name = lines.first { $0.hasPrefix("event: ") }?.dropFirst(7) ?? ""
            let data = lines.first { $0.hasPrefix("data: ") }?.dropFirst(6) ?? ""
            return (String(name), (try? JSONValue(parsing: String(data))) ?? .null)
        }
    }

    /// Of an answer that failed before or after its stream began: which of the two depends on how busy the machine is.
    var failureType: String? { errorType ?? events.last?.data["error"]?["type"]?.stringValue }

    /// All text deltas of a stream.
    var streamedText: String {
        events.compactMap { $0.data["delta"]?["text"]?.stringValue }.joined()
    }
}

extension BlockingSocket {
    func readReply(toHead: Bool = false) async throws -> HTTPReply {
        var bytes: [UInt8] = []
        func more() async throws -> Bool {
            let next = try await receive()
            bytes += next
            return !next.isEmpty
        }
        while bytes.range(of: "\r\n\r\n") == nil {
            guard try await more() else { throw Failure(what: "no response; got \(bytes.count) bytes") }
        }
        guard let end = bytes.range(of: "\r\n\r\n") else { throw Failure(what: "unreachable") }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        var reply = HTTPReply(status: Int(lines[0].split(separator: " ")[1]) ?? 0, headers: [:], body: [])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            reply.headers[parts[0].lowercased()] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        bytes.removeFirst(end.upperBound)
        if toHead { return reply }
        if let length = reply.headers["content-length"].flatMap(Int.init) {
            while bytes.count < length {
                guard try await more() else { reply.isCutOff = true; break }
            }
            reply.body = bytes
            return reply
        }
        // Chunked.
        while true {
            while bytes.range(of: "\r\n") == nil {
                guard try await more() else { reply.isCutOff = true; return reply }
            }
            guard let line = bytes.range(of: "\r\n"),
                let size = Int(String(decoding: bytes[..<line.lowerBound], as: UTF8.self), radix: 16)
            else { throw Failure(what: "a bad chunk") }
            while bytes.count < line.upperBound + size + 2 {
                guard try await more() else { reply.isCutOff = true; return reply }
            }
            reply.body += bytes[line.upperBound..<(line.upperBound + size)]
            bytes.removeFirst(line.upperBound + size + 2)
            if size == 0 { return reply }
        }
    }
}

extension [UInt8] {
    func range(of text: String) -> Range<Int>? {
        let needle = Array(text.utf8)
        guard count >= needle.count else { return nil }
        for start in 0...(count - needle.count) where self[start..<(start + needle.count)].elementsEqual(needle) {
            return start..<(start + needle.count)
        }
        return nil
    }
}
