internal import Logging
internal import MCP
internal import Model
internal import SlackAPI
internal import Store

/// Looks for what was said while nobody listened. What it finds is kept as an event like any; what came as one already is
/// not kept twice. Whether it is answered is then a question of its age.
actor SlackCatchUp {
    private let parts: SlackInboundParts
    private let handler: SlackEventHandler
    private let signs: AsyncStream<Void>
    private let sign: AsyncStream<Void>.Continuation
    /// Events are not told of in order: this much before the newest one is looked at again.
    private static let overlap = Duration.seconds(300)
    private static let messagesPerPlace = 500
    private static let threads = 200

    init(_ parts: SlackInboundParts) {
        self.parts = parts
        handler = SlackEventHandler(parts)
        (signs, sign) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// At once: from here on events are worked off as those after a gap.
    nonisolated func request() {
        parts.gap.open()
        sign.yield()
    }

    /// Each time it is asked for, one at a time, until cancelled. `found`: there is something to work off.
    func run(found: @Sendable () async -> Void) async {
        for await _ in signs {
            let number = parts.gap.number
            var wait = Duration.seconds(5)
            while !Task.isCancelled {
                do {
                    try await catchUp(found)
                    parts.gap.close(upTo: number)
                    break
                } catch {
                    parts.logger.warning("not caught up yet", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: wait)
                    wait = min(wait * 2, .seconds(300))
                }
            }
        }
    }

    /// Of what Slack tells something may be lost: who is out of a channel that is not public reads its conversations an hour
    /// longer at most. Until cancelled.
    func watchMembers() async {
        var pause = parts.options.current.membersEvery
        while (try? await Task.sleep(for: pause)) != nil {
            pause = parts.options.current.membersEvery
            do {
                for place in try await parts.database.slackChannels()
                where [.private, .group].contains(place.kind) && !place.isArchived { try await letGo(of: place) }
            } catch {
                parts.logger.warning("who is in which channel is not known", metadata: ["error": "\(error)"])
                pause = pause / 10
            }
        }
    }

    private func catchUp(_ found: @Sendable () async -> Void) async throws {
        let now = parts.clock.now()
        let earliest = SlackTimestamp(now.advanced(by: .zero - parts.options.current.reach))
        // Before anything is worked off that needs to know who said it, and in one go.
        do { try await parts.directory.askAll() } catch let error as SlackError {
            parts.logger.debug("people are asked about one by one", metadata: ["error": "\(error)"])
        }
        try await followPlaces(now: now)
        var count = 0
        // Where something was said lately comes first: Slack lets a busy installation ask so often in a minute.
        let places = try await parts.database.slackChannels().sorted { $0.seen > $1.seen }
        var read: Set<String> = []
        for place in places where !place.isArchived {
            count += try await readHistory(of: place, from: earliest, now, &read)
            await found()
            try await letGo(of: place)
        }
        for thread in try await parts.database.slackThreads(seenAfter: earliest.text, limit: Self.threads)
        where !read.contains(SlackEvent.lane(thread.channel, thread.thread)) {
            count += try await readReplies(in: thread, from: earliest, now)
            await found()
        }
        try await lookAfterAccounts(knownSince: now)
        if count > 0 { parts.logger.notice("caught up with slack", metadata: ["messages": "\(count)"]) }
    }

    /// Channels the app was invited into, or taken out of, meanwhile.
    private func followPlaces(now: Timestamp) async throws {
        let since = SlackTimestamp(now.advanced(by: .zero - parts.options.current.catchUp))
        let places = try await parts.workspace.places()
        for place in places {
            try await parts.database.saveSlackChannel(
                place.id, name: place.name, kind: place.kind, isMember: true, isArchived: place.isArchived,
                seen: since.text)
        }
        let found = Set(places.map(\.id))
        for known in try await parts.database.slackChannels() where !found.contains(known.id) && known.kind != .direct {
            try await parts.database.saveSlackChannel(
                known.id, name: known.name, kind: known.kind, isMember: false, isArchived: known.isArchived,
                seen: known.seen)
        }
    }

    private func readHistory(
        of place: SlackChannelRecord, from earliest: SlackTimestamp, _ now: Timestamp, _ read: inout Set<String>
    ) async throws -> Int {
        let after = Self.start(place.seen, earliest)
        let messages = try await sparing(place.id) {
            try await parts.workspace.history(
                of: place.id, after: after, before: nil, limit: Self.messagesPerPlace)
        }
        var count = try await keep(messages, in: place.id, now)
        // Threads nobody called the assistant into yet: what was said in them is not in the channel's history.
        for json in messages {
            guard let root = SlackUtterance(json, channel: place.id),
                let last = json["latest_reply"]?.stringValue.flatMap(SlackTimestamp.init)
            else { continue }
            // Its newest reply is told of with it: its thread needs no look of its own.
            read.insert(SlackEvent.lane(place.id, root.ts.text))
            guard last > after else { continue }
            let replies = try await sparing(place.id) {
                try await parts.workspace.replies(
                    in: root.ts, of: place.id, after: after, before: nil, limit: Self.messagesPerPlace)
            }
            count += try await keep(replies, in: place.id, now)
        }
        return count
    }

    private func readReplies(
        in thread: SlackThreadRecord, from earliest: SlackTimestamp, _ now: Timestamp
    ) async throws -> Int {
        guard let root = SlackTimestamp(thread.thread) else { return 0 }
        let replies = try await sparing(thread.channel) {
            try await parts.workspace.replies(
                in: root, of: thread.channel, after: Self.start(thread.seen, earliest), before: nil,
                limit: Self.messagesPerPlace)
        }
        return try await keep(replies, in: thread.channel, now)
    }

    private func keep(_ messages: [JSONValue], in channel: String, _ now: Timestamp) async throws -> Int {
        try await parts.database.acceptSlackEvents(
            messages.compactMap { SlackEvent.draft(ofHistory: $0, in: channel, received: now) })
    }

    /// Those who left a channel meanwhile read its conversations no more.
    private func letGo(of place: SlackChannelRecord) async throws {
        guard let room = place.channel, place.kind != .direct else { return }
        let members: Set<String>
        do { members = try await parts.workspace.members(of: place.id) } catch let error as SlackError {
            guard error.kind == .notThere else { throw error }
            return
        }
        let accounts = try await parts.database.accounts().filter { $0.surface == SlackInbound.surface }
        for person in try await parts.database.members(of: room) {
            let own = accounts.filter { $0.person == person.id }
            guard !own.contains(where: { members.contains($0.account) }) else { continue }
            try await handler.takeOut(person.id, of: place.id)
        }
    }

    /// Accounts that were deactivated meanwhile, or became guests.
    private func lookAfterAccounts(knownSince time: Timestamp) async throws {
        for account in try await parts.database.accounts() where account.surface == SlackInbound.surface {
            do {
                try await parts.people.changed(
                    try await parts.directory.askAnew(account.account, unlessKnownSince: time))
            } catch let error as SlackError where error.kind == .notThere {
                continue
            }
        }
    }

    /// What is not open to the app keeps nobody from looking at the rest.
    private func sparing(_ place: String, _ read: () async throws -> [JSONValue]) async throws -> [JSONValue] {
        do {
            return try await read()
        } catch let error as SlackError where error.kind == .notThere || error.kind == .permanent {
            parts.logger.warning("a channel cannot be read", metadata: ["channel": "\(place)", "error": "\(error)"])
            return []
        }
    }

    private static func start(_ seen: String, _ earliest: SlackTimestamp) -> SlackTimestamp {
        guard let seen = SlackTimestamp(seen) else { return earliest }
        return max(SlackTimestamp(seen.time.advanced(by: .zero - overlap)), earliest)
    }
}
