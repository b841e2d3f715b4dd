internal import Logging
internal import MCP
internal import Model
internal import SlackAPI
internal import Store

/// One line on its way to one place. Whatever of it got there in an earlier try is found, and not posted again.
struct Delivery: Sendable {
    let record: OutboxRecord
    let tools: DeliveryTools

    /// Our clock and Slack's may differ by this much; what was posted for a line is looked for from that long before it was
    /// said.
    static let clockSkew: Duration = .seconds(600)

    func attempt() async -> DeliveryOutcome {
        do {
            return .delivered(reference: try await carry())
        } catch {
            return DeliveryOutcome(error)
        }
    }

    private func carry() async throws -> String? {
        guard let address = SlackAddress(record.address) else {
            throw SlackError(.permanent, "bad_address", method: "delivery", "\(record.address) is no place in Slack.")
        }
        guard let entry = try await tools.database.entry(record.message) else { return nil }
        let place = try await tools.place(of: address)
        let rendered = try await tools.render(entry)
        var there = try await partsSeen(at: place)
        for post in try await tools.database.posts(.message, of: record.message.rawValue)
        where post.channel == place.channel {
            there[post.part] = post.ts
        }
        if let turn = record.turn { await tools.live?.handOver(turn) }
        var first: String?
        for (number, part) in rendered.parts.enumerated() {
            let ts: String
            // Before what was seen: a draft that has become the answer, and nobody was told, is that very message.
            if number == 0, let finished = try await finishDraft(with: part, at: place, seen: there[0]) {
                ts = finished
            } else if let seen = there[number] {
                ts = seen
            } else {
                ts = try await post(part, number, of: entry, at: place)
            }
            try await tools.database.recordPost(
                .message, of: record.message.rawValue, part: number, channel: place.channel,
                thread: place.thread?.text, ts: ts)
            first = first ?? ts
        }
        try await clearAway(at: place, but: first)
        try await carryFiles(of: entry, rendered, to: place)
        if let first, place.thread == nil { try await openThread(at: place, first) }
        return first
    }

    /// Which parts stand there already. Before the first try only whether there still is a thread to post to, as Slack takes
    /// what is posted to one that is gone and shows it to nobody; and that only as long as nobody waits for it.
    private func partsSeen(at place: SlackAddress) async throws -> [Int: String] {
        guard record.attempts > 0 else {
            guard tools.budget.take(.look, at: tools.time.now()) else { return [:] }
            do {
                try await tools.slack.requireThread(place)
            } catch let error as SlackError where Self.unlooked.contains(error.code) {
                tools.logger.debug("a thread could not be looked at", metadata: ["error": "\(error)"])
            }
            return [:]
        }
        let identity = try await tools.identity()
        let since = SlackTimestamp(record.created.advanced(by: .zero - Self.clockSkew))
        var parts: [Int: String] = [:]
        for message in try await tools.slack.messages(in: place, after: since.text) {
            guard let marker = DeliveryMarker(message, by: identity), marker.message == record.message else { continue }
            parts[marker.part] = parts[marker.part] ?? message.ts
        }
        return parts
    }

    /// No reason to keep an answer back: nobody says that the thread is gone.
    private static let unlooked: Set<String> = ["missing_scope", "ratelimited", "rate_limited", "too_many_waiting"]

    private func post(
        _ part: RenderedEntry.Part, _ number: Int, of entry: TranscriptEntry, at place: SlackAddress
    ) async throws -> String {
        var message = SlackPost(
            channel: place.channel, text: part.text, blocks: part.blocks, thread: place.thread?.text,
            metadata: marker(number), face: await tools.face(place))
        do {
            return try await tools.slack.post(message).ts
        } catch let error as SlackError where error.code == "missing_scope" && message.face != nil {
            tools.logger.error(
                "the app may not speak under other names: print its manifest again, and install it again",
                metadata: ["error": "\(error)"])
            message.face = nil
            return try await tools.slack.post(message).ts
        } catch let error as SlackError where Self.blockCodes.contains(error.code) && message.blocks != nil {
            tools.logger.warning("an answer is posted as plain text", metadata: ["error": "\(error)"])
            message.blocks = nil
            return try await tools.slack.post(message).ts
        }
    }

    /// Slack's no to how a text is laid out: without it the words still get there.
    static let blockCodes: Set<String> = ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"]

    func marker(_ part: Int) -> SlackMetadata {
        DeliveryMarker(message: record.message, part: part).metadata
    }

    private func openThread(at place: SlackAddress, _ first: String) async throws {
        guard let home = try await tools.database.home(of: record.conversation, on: record.surface), home.opensThread
        else { return }
        try await tools.database.openThread(
            of: record.conversation, surface: record.surface, address: "\(place.channel)/\(first)")
    }
}
