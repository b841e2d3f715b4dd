package import Logging
package import Model
package import SlackAPI
package import Store
internal import Synchronization

/// Who shows what a turn does while it runs.
package protocol LiveTurns: Sendable {
    /// When this returns nothing of the turn's is touched any more: its messages are the caller's to finish.
    func handOver(_ turn: MessageID) async
}

/// What every delivery needs.
package final class DeliveryTools: Sendable {
    package typealias Render = @Sendable (TranscriptEntry) async throws -> RenderedEntry
    /// Whose name and picture what is said at a place has; `nil` for the app's own.
    package typealias Face = @Sendable (SlackAddress) async -> SlackFace?

    let database: Database
    let slack: any SlackSending
    let live: (any LiveTurns)?
    let render: Render
    let face: Face
    let fileBytes: Int
    let time: SlackTime
    let logger: Logger
    let budget = CallBudget()
    private let known = Mutex(Known())

    private struct Known {
        var identity: SlackIdentity?
        /// Direct conversations by person; a person has one.
        var direct: [String: String] = [:]
    }

    /// `fileBytes`: the largest file that is carried.
    package init(
        database: Database, slack: any SlackSending, live: (any LiveTurns)? = nil, fileBytes: Int = 256 << 20,
        time: SlackTime = .system, logger: Logger, face: @escaping Face = { _ in nil }, render: @escaping Render
    ) {
        self.database = database
        self.slack = slack
        self.live = live
        self.fileBytes = fileBytes
        self.time = time
        self.logger = logger
        self.face = face
        self.render = render
    }

    /// Who we are there, as of the first answer.
    func identity() async throws -> SlackIdentity {
        if let identity = known.withLock(\.identity) { return identity }
        return try await checkToken()
    }

    /// Asks again: the token may have been exchanged.
    @discardableResult
    func checkToken() async throws -> SlackIdentity {
        let identity = try await slack.authTest()
        known.withLock { $0.identity = identity }
        return identity
    }

    /// A person's id stands for the direct conversation with them.
    func place(of address: SlackAddress) async throws -> SlackAddress {
        guard address.isPerson else { return address }
        if let channel = known.withLock({ $0.direct[address.channel] }) {
            return SlackAddress(channel: channel, thread: address.thread)
        }
        let channel = try await slack.openDirect([address.channel])
        known.withLock { known in
            if known.direct.count >= 10_000 { known.direct = [:] }
            known.direct[address.channel] = channel
        }
        return SlackAddress(channel: channel, thread: address.thread)
    }
}

extension SlackAddress {
    /// Slack's ids of people begin with U or, in organisations, with W; those of channels with C, G or D.
    var isPerson: Bool { channel.hasPrefix("U") || channel.hasPrefix("W") }
}
