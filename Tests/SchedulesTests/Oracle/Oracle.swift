import Foundation

/// The published oracles, asked through `Tests/Peers/cron_oracle.py`.
enum Oracle {
    struct Question: Codable, Hashable {
        var expression: String
        var zone: String
        /// Seconds since 1970.
        var from: Int
        var count: Int
    }

    struct Answer: Decodable {
        var cronsim: Times
        var croniter: Times
    }

    enum Times: Decodable, Equatable {
        case times([Int])
        case gaveUp(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let times = try? container.decode([Int].self) {
                self = .times(times)
            } else {
                self = .gaveUp(try container.decode([String: String].self)["error"] ?? "")
            }
        }
    }

    static func ask(_ questions: [Question]) async throws -> [Answer] {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
        let python = ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"] ?? root + "/.build/peers/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw OracleError(description: "\(python) is missing: run scripts/python-peers.sh")
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "cron-questions-\(UUID().uuidString).json")
        try JSONEncoder().encode(questions).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["\(root)/Tests/Peers/cron_oracle.py", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try await withCheckedThrowingContinuation { continuation in
            // Not on the few threads that run tasks: this waits.
            Thread.detachNewThread {
                continuation.resume(with: Result { try output.fileHandleForReading.readToEnd() ?? Data() })
            }
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OracleError(description: "the oracles failed") }
        return try JSONDecoder().decode([Answer].self, from: data)
    }
}

struct OracleError: Error, CustomStringConvertible {
    let description: String
}
