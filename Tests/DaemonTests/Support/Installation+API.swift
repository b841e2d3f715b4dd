import Foundation

/// The daemon's HTTP API as root at its Unix socket, for what the command line would not send.
extension Installation {
    struct APIAnswer {
        var status: Int
        var body: String

        subscript(key: String) -> Any? { object?[key] }
        /// The sentence for people, where it failed.
        var message: String? { (object?["error"] as? [String: Any])?["message"] as? String }

        private var object: [String: Any]? {
            try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        }
    }

    func api(_ method: String, _ path: String, file: String? = nil) async throws -> APIAnswer {
        var arguments = [
            "-sS", "--max-time", "60", "-X", method, "--unix-socket", runtime + "/daemon/console.sock",
            "-H", "Content-Type: application/json", "-w", "\n%{http_code}",
        ]
        if let file { arguments += ["-T", file, "-H", "Expect:"] }
        let result = try await Command.run("/usr/bin/curl", arguments + ["http://localhost/api/" + path])
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        guard let status = lines.last.flatMap({ Int($0) }), status > 0 else {
            throw Failure(description: "curl \(path): \(result.output)\(result.errors)")
        }
        return APIAnswer(status: status, body: lines.dropLast().joined(separator: "\n"))
    }

    func api(_ method: String, _ path: String, body: Data) async throws -> APIAnswer {
        let file = home + "/request-\(UUID().uuidString)"
        try body.write(to: URL(fileURLWithPath: file))
        defer { unlink(file) }
        return try await api(method, path, file: file)
    }

    func api(_ method: String, _ path: String, json: [String: String]) async throws -> APIAnswer {
        try await api(method, path, body: try JSONSerialization.data(withJSONObject: json))
    }

    /// The identifier of root's direct channel.
    func directChannel() async throws -> String {
        let channels = try await api("GET", "channels")
        guard let list = channels["channels"] as? [[String: Any]],
            let id = list.first(where: { $0["kind"] as? String == "dm" })?["id"] as? String
        else { throw Failure(description: "no direct channel: \(channels.body)") }
        return id
    }

    /// What stands in a conversation, one line an entry: its kind and its text.
    func transcript(of conversation: String) async throws -> [String] {
        let answer = try await api("GET", "conversations/\(conversation)")
        let entries = answer["entries"] as? [[String: Any]] ?? []
        return entries.map { "\($0["kind"] ?? ""): \($0["text"] ?? "")" }
    }
}
