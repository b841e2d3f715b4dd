import MCP
import Slack
import SlackAPI
import Testing

/// A Slack in memory that fails when it is told to: before it has done a thing, or after, when nobody hears of it.
actor FakeSlack: SlackSending {
    struct Message: Hashable {
        var ts: String
        var thread: String?
        var text: String
        var metadata: SlackMetadata?
        var botID = "B0US"
        var reactions: [String] = []
        var stream: String?
        /// As JSON.
        var blocks = ""
    }

    enum Fault: Sendable {
        /// Not done, and this thrown.
        case before(SlackError)
        /// Done, and this thrown.
        case after(SlackError)
        /// Done or not, and never an answer: as if the process ended there.
        case hang(afterDoing: Bool)
    }

    private(set) var messages: [String: [Message]] = [:]
    private(set) var calls: [String] = []
    private(set) var statuses: [String: String] = [:]
    private(set) var files: [String: (name: String, shares: [String])] = [:]
    private var faults: [String: [Fault]] = [:]
    private var count = 0
    private var waiters: [(method: String, count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    // MARK: What a test does and sees

    func fail(_ method: String, _ faults: Fault...) { self.faults[method, default: []] += faults }
    func failures(left method: String) -> Int { faults[method]?.count ?? 0 }

    func texts(_ channel: String) -> [String] { (messages[channel] ?? []).map(\.text) }

    func calls(of method: String) -> Int { calls.count { $0 == method } }

    /// Until `method` has been called that often since the beginning.
    func wait(_ method: String, _ count: Int = 1) async {
        guard calls(of: method) < count else { return }
        await withCheckedContinuation { waiters.append((method, count, $0)) }
    }

    /// Somebody else's, or ours from before.
    @discardableResult
    func put(
        _ text: String, in channel: String, thread: String? = nil, metadata: SlackMetadata? = nil,
        botID: String = "B0US"
    ) -> String {
        let ts = nextTS()
        messages[channel, default: []].append(
            Message(ts: ts, thread: thread, text: text, metadata: metadata, botID: botID))
        return ts
    }

    func put(root ts: String, in channel: String) {
        messages[channel, default: []].append(Message(ts: ts, text: "root", botID: "U0SOMEBODY"))
    }

    func remove(_ ts: String, from channel: String) { messages[channel]?.removeAll { $0.ts == ts } }

    // MARK: What Slack does

    private func nextTS() -> String {
        count += 1
        return "1700000500." + String(repeating: "0", count: 6 - String(count).count) + String(count)
    }

    private func call<T: Sendable>(_ method: String, _ body: () throws -> T) async throws -> T {
        calls.append(method)
        defer {
            let due = waiters.filter { calls(of: $0.method) >= $0.count }
            waiters.removeAll { waiter in calls(of: waiter.method) >= waiter.count }
            for waiter in due { waiter.continuation.resume() }
        }
        guard let fault = faults[method]?.first else { return try body() }
        faults[method]?.removeFirst()
        switch fault {
        case .before(let error): throw error
        case .after(let error):
            _ = try body()
            throw error
        case .hang(let afterDoing):
            if afterDoing { _ = try body() }
            let due = waiters.filter { calls(of: $0.method) >= $0.count }
            waiters.removeAll { waiter in calls(of: waiter.method) >= waiter.count }
            for waiter in due { waiter.continuation.resume() }
            try await Task.sleep(for: .seconds(1 << 20))
            throw CancellationError()
        }
    }

    private func change(_ posted: SlackPosted, _ body: (inout Message) -> Void) throws {
        var list = messages[posted.channel] ?? []
        guard let index = list.firstIndex(where: { $0.ts == posted.ts }) else {
            throw SlackError(.notThere, "message_not_found", method: "chat.update", "It is not there.")
        }
        body(&list[index])
        messages[posted.channel] = list
    }

    func authTest() async throws -> SlackIdentity {
        try await call("auth.test") {
            try SlackIdentity(
                ["url": "https://acme.slack.com/", "team_id": "T0", "user_id": "U0US", "bot_id": "B0US"], scopes: nil)
        }
    }

    func openDirect(_ users: [String]) async throws -> String {
        try await call("conversations.open") { "D" + users[0].dropFirst() }
    }

    /// Of what was posted, in order.
    private(set) var faces: [String?] = []
    private var refusesFaces = false

    /// As without the scope for it.
    func refuseFaces() { refusesFaces = true }

    func post(_ message: SlackPost) async throws -> SlackPosted {
        if refusesFaces, message.face != nil {
            throw SlackError(.auth, "missing_scope", method: "chat.postMessage", "The app lacks a scope.")
        }
        return try await call("chat.postMessage") {
            faces.append(message.face?.name)
            let ts = nextTS()
            messages[message.channel, default: []].append(
                Message(
                    ts: ts, thread: message.thread, text: message.text, metadata: message.metadata,
                    blocks: JSONValue.array(message.blocks ?? []).text))
            return SlackPosted(channel: message.channel, ts: ts)
        }
    }

    func update(
        _ posted: SlackPosted, text: String, blocks: [JSONValue]?, metadata: SlackMetadata?
    ) async throws {
        try await call("chat.update") {
            try change(posted) { message in
                message.text = text
                message.blocks = JSONValue.array(blocks ?? []).text
                message.metadata = metadata ?? message.metadata
            }
        }
    }

    func delete(_ posted: SlackPosted) async throws {
        try await call("chat.delete") { messages[posted.channel]?.removeAll { $0.ts == posted.ts } }
    }

    func react(_ name: String, to posted: SlackPosted) async throws {
        try await call("reactions.add") { try change(posted) { $0.reactions.append(name) } }
    }

    func unreact(_ name: String, from posted: SlackPosted) async throws {
        try await call("reactions.remove") { try change(posted) { $0.reactions.removeAll { $0 == name } } }
    }

    func setStatus(
        channel: String, thread: String, _ status: String, loading: [String], face: SlackFace?
    ) async throws {
        try await call("assistant.threads.setStatus") { statuses["\(channel)/\(thread)"] = status }
    }

    func startStream(
        channel: String, thread: String?, recipient: SlackRecipient?, markdown: String, face: SlackFace?
    ) async throws -> SlackPosted {
        try await call("chat.startStream") {
            let ts = nextTS()
            messages[channel, default: []].append(Message(ts: ts, thread: thread, text: markdown, stream: "open"))
            return SlackPosted(channel: channel, ts: ts)
        }
    }

    func appendStream(_ posted: SlackPosted, markdown: String) async throws {
        try await call("chat.appendStream") { try change(posted) { $0.text += markdown } }
    }

    func stopStream(
        _ posted: SlackPosted, markdown: String, blocks: [JSONValue]?, metadata: SlackMetadata?
    ) async throws {
        try await call("chat.stopStream") { try change(posted) { $0.stream = "stopped" } }
    }

    func sendBytes(_ file: SlackUpload) async throws -> String {
        try await call("files.upload") {
            count += 1
            files["F\(count)"] = (file.name, [])
            return "F\(count)"
        }
    }

    func share(_ shared: [(id: String, title: String)], channel: String, thread: String?) async throws {
        try await call("files.completeUploadExternal") {
            for (id, _) in shared { files[id]?.shares.append(channel) }
        }
    }

    func fileInfo(_ id: String) async throws -> SlackFile {
        try await call("files.info") {
            guard let file = files[id], !file.shares.isEmpty,
                let info = SlackFile([
                    "id": .string(id),
                    "shares": ["public": [file.shares[0]: [["ts": "1"]]]],
                ])
            else { throw SlackError(.notThere, "file_not_found", method: "files.info", "It is not there.") }
            return info
        }
    }

    func messages(in place: SlackAddress, after time: String) async throws -> [SlackMessage] {
        try await call("conversations.replies") {
            (messages[place.channel] ?? []).filter { $0.thread == place.thread?.text && $0.ts > time }.compactMap {
                var json: JSONObject = ["ts": .string($0.ts), "text": .string($0.text), "bot_id": .string($0.botID)]
                if let metadata = $0.metadata {
                    json["metadata"] = [
                        "event_type": .string(metadata.eventType), "event_payload": .object(metadata.payload),
                    ]
                }
                return SlackMessage(.object(json))
            }
        }
    }

    func requireThread(_ place: SlackAddress) async throws {
        try await call("requireThread") {
            guard let thread = place.thread else { return }
            guard messages[place.channel]?.contains(where: { $0.ts == thread.text }) ?? false else {
                throw SlackError(.notThere, "thread_not_found", method: "conversations.replies", "It is gone.")
            }
        }
    }
}

extension SlackError {
    static let down = SlackError(.transient, "http_503", method: "chat.postMessage", "It is down.")
    static let lost = SlackError(.unknownOutcome, "no_answer", method: "chat.postMessage", "No answer.")
    static let revoked = SlackError(.auth, "token_revoked", method: "chat.postMessage", "The token was revoked.")
    static let archived = SlackError(.notThere, "is_archived", method: "chat.postMessage", "The channel is archived.")
}
