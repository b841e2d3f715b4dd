import LeakScan
import MCP

/// The look for live secrets in what leaves: its speed, and what it adds to a request to the model.
enum LeakRows {
    static func measure(_ options: Options) async throws -> [Row] {
        let leaks = LeakGuard()
        leaks.replace(
            with: (0..<1000).map {
                LeakSecret(id: "\($0)", name: "S\($0)", value: Array(Self.random(Int.random(in: 20...60)).utf8))
            })
        let text = Self.prose(64 << 20)
        let random = Self.random(16 << 20)
        let floor = Self.rate(of: text) { Self.lineEnds(in: $0) }
        let body = Self.request(100 << 10)
        let parse = try Self.time { _ = try JSONValue(parsing: body) }
        let value = try JSONValue(parsing: body)
        let scan = Self.time { _ = leaks.screened(value, in: LeakSubject()) }
        return [
            Row(
                name: "leak scan, 1,000 secrets, prose", value: Self.rate(of: text) { Self.scan($0, leaks) },
                unit: "MB/s",
                better: .higher, target: "≥ 200", peerName: "a loop that counts line ends", peer: floor),
            Row(
                name: "leak scan, 1,000 secrets, random letters", value: Self.rate(of: random) { Self.scan($0, leaks) },
                unit: "MB/s", better: .higher, target: "≥ 200", peerName: "a loop that counts line ends", peer: floor),
            Row(
                name: "leak scan of a model request of 100 KiB", value: scan, unit: "ms", better: .lower,
                target: "≤ 1", peerName: "reading it strictly, as before", peer: parse),
        ]
    }

    /// Used, so that it is not left out.
    private static func scan(_ text: String, _ leaks: LeakGuard) -> Int {
        leaks.screened(text, in: LeakSubject()).findings.count
    }

    private static func lineEnds(in text: String) -> Int { text.utf8.reduce(0) { $0 + ($1 == 10 ? 1 : 0) } }

    private static func rate(of text: String, _ work: (String) -> Int) -> Double {
        Double(text.utf8.count) / 1e6 / (time { _ = work(text) } / 1000)
    }

    /// The best of five, in milliseconds: what else the machine does is not what is measured.
    private static func time(_ work: () throws -> Void) rethrows -> Double {
        var best = Duration.seconds(1000)
        for _ in 0..<5 { best = min(best, try ContinuousClock().measure { try work() }) }
        return best.inSeconds * 1000
    }

    private static func random(_ count: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/+".utf8)
        return String(decoding: (0..<count).map { _ in letters[Int.random(in: 0..<letters.count)] }, as: UTF8.self)
    }

    private static func prose(_ count: Int) -> String {
        let words = [
            "the", "report", "of", "quarter", "shows", "that", "revenue", "grew", "by", "12.4%", "in", "Europe,",
            "while",
            "costs", "(see", "table", "3)", "stayed", "level.", "func", "value()", "->", "String", "{", "return", "}",
            "https://example.com/docs?page=2", "2026-03-01T10:00:00Z", "\n", "naïve", "über",
        ]
        var text = ""
        text.reserveCapacity(count + 64)
        while text.utf8.count < min(count, 4 << 20) { text += words[Int.random(in: 0..<words.count)] + " " }
        let part = text
        while text.utf8.count < count { text += part }
        return text
    }

    private static func request(_ count: Int) -> [UInt8] {
        let messages: [JSONValue] = (0..<count / 4096).map { _ in ["role": "user", "content": .string(prose(4000))] }
        return JSONValue.object(["model": "x", "max_tokens": 100, "messages": .array(messages)]).serialized()
    }
}
