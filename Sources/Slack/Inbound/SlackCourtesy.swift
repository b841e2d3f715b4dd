internal import Logging
internal import Model

/// What is said to one person beside any conversation, and how often: it may get lost, and never becomes a flood.
actor SlackCourtesy {
    private let parts: SlackInboundParts
    /// When each account was last refused. Bounded: the oldest go.
    private var refused: [String: Timestamp] = [:]
    private var skipsTold: [Timestamp] = []
    private static let pause = Duration.seconds(600)

    init(_ parts: SlackInboundParts) { self.parts = parts }

    /// Says why, once in ten minutes.
    func refuse(_ user: String, _ sentence: String, in message: SlackUtterance) async {
        let now = parts.clock.now()
        if let last = refused[user], now < last.advanced(by: Self.pause) { return }
        if refused.count >= 1000 { refused = refused.filter { now < $0.value.advanced(by: Self.pause) } }
        guard refused.count < 1000 else { return }
        refused[user] = now
        await tell(user, sentence, in: message)
    }

    func tell(_ user: String?, _ sentence: String, in message: SlackUtterance) async {
        guard let user else { return }
        do {
            try await parts.workspace.whisper(sentence, to: user, in: message.channel, thread: message.thread)
        } catch {
            parts.logger.warning("a person could not be told", metadata: ["error": "\(error)"])
        }
    }

    /// Takes one of the notices that may be given now; false where there is none left.
    func takeSkipNotice() -> Bool {
        let since = parts.clock.now().advanced(by: .zero - Self.pause)
        skipsTold.removeAll { $0 < since }
        guard skipsTold.count < parts.options.current.skipNotices else { return false }
        skipsTold.append(parts.clock.now())
        return true
    }

    /// It was not needed after all.
    func returnSkipNotice() {
        if !skipsTold.isEmpty { skipsTold.removeLast() }
    }
}
