package import Model

import GRDB

/// Which tier a turn was given, and why. Tiers are words of the router's (`fast`, `balanced`, `best`).
package struct RouteRecord: Sendable, Hashable {
    package let turn: MessageID
    package let session: SessionID
    package let conversation: ConversationID
    package let channel: ChannelID
    package let requester: PersonID
    package var at: Timestamp
    /// Of the router that decided.
    package var version: Int
    package var score: Double
    /// By the score alone.
    package var routed: String
    /// What the turn began with, and what it has now.
    package var started: String
    package var tier: String
    package var requested: String?
    package var isThrottled = false
    /// What the candidate on trial would have said.
    package var shadow: String?
    /// For people.
    package var reason: String
    /// A JSON object of what the score was made of.
    package var features: String
    /// `answered`, `failed`, `cancelled`, `suspended`; `nil` while it runs.
    package var outcome: String?

    package init(
        turn: MessageID, session: SessionID, conversation: ConversationID, channel: ChannelID, requester: PersonID,
        at: Timestamp, version: Int, score: Double, routed: String, tier: String, reason: String, features: String
    ) {
        self.turn = turn
        self.session = session
        self.conversation = conversation
        self.channel = channel
        self.requester = requester
        self.at = at
        self.version = version
        self.score = score
        self.routed = routed
        started = tier
        self.tier = tier
        self.reason = reason
        self.features = features
    }

    init(_ row: Row) {
        turn = row.id("turn")
        session = row.id("session")
        conversation = row.id("conversation")
        channel = row.id("channel")
        requester = row.id("requester")
        at = row.time("at")
        version = row["version"]
        score = row["score"]
        routed = row["routed"]
        started = row["started"]
        tier = row["tier"]
        requested = row["requested"]
        isThrottled = row["is_throttled"]
        shadow = row["shadow"]
        reason = row["reason"]
        features = row["features"]
        outcome = row["outcome"]
    }
}

/// What of the past bears on the tier of a turn that begins.
package struct RouteFacts: Sendable, Hashable {
    /// Messages of the conversation before.
    package var depth = 0
    /// Of the session.
    package var toolCalls = 0
    package var failedCalls = 0
    /// The requester's decision before this one in the conversation.
    package var previous: RouteRecord?
    /// Whether that person said of its answer that it was bad.
    package var wasToldWrong = false
    /// Turns of the session that ended with an answer, at the tier of the last one, in a row.
    package var goodTurns = 0
    /// The session's last model call, and how many tokens it sent.
    package var lastCall: Timestamp?
    package var lastTokens: Int64 = 0

    package init() {}
}

/// A decision with what came of it.
package struct RouteOutcome: Sendable, Hashable {
    package let route: RouteRecord
    package let switches: Int
    package let calls: Int
    package let inputTokens: Int64
    package let outputTokens: Int64
    package let cacheReadTokens: Int64
    package let cacheWriteTokens: Int64
    /// Millionths of a US dollar.
    package let microdollars: Int64
    /// Somebody said that the answer was bad.
    package let isBad: Bool

    init(_ row: Row) {
        route = RouteRecord(row)
        switches = row["switches"]
        calls = row["calls"]
        inputTokens = row["input"]
        outputTokens = row["output"]
        cacheReadTokens = row["cache_read"]
        cacheWriteTokens = row["cache_write"]
        microdollars = row["cost"]
        isBad = row["bad"]
    }
}
