package import Logging
package import MCP
package import Model
package import SlackText

/// A place whose words to single people wait their turn: being told why something was not done takes Slack a moment, and
/// nobody else waits for that. Of one whom too much is to be told some of it is let go.
package struct QueuedWords: SlackCardPlace {
    private struct Words: Sendable {
        var sentence: String
        var user: String
        var address: SlackAddress?
    }

    private let place: any SlackCardPlace
    private let queue = FairQueue<Words>()
    private let logger: Logger

    package init(_ place: any SlackCardPlace, logger: Logger) {
        self.place = place
        self.logger = logger
    }

    /// Until cancelled.
    package func run() async {
        await queue.run(parallel: 4) { words in
            do {
                try await place.tell(words.sentence, user: words.user, at: words.address)
            } catch {
                logger.warning("a click in Slack could not be answered", metadata: ["error": "\(error)"])
            }
        }
    }

    package func tell(_ sentence: String, user: String, at address: SlackAddress?) async throws {
        queue.add(Words(sentence: sentence, user: user, address: address), of: user)
    }

    package func post(
        _ message: BlockMessage, at address: SlackAddress, marker: String
    ) async throws -> SlackTimestamp? {
        try await place.post(message, at: address, marker: marker)
    }

    package func find(marker: String, at address: SlackAddress, since time: Timestamp) async throws -> SlackTimestamp? {
        try await place.find(marker: marker, at: address, since: time)
    }

    package func update(_ message: BlockMessage, in channel: String, ts: SlackTimestamp) async throws -> Bool {
        try await place.update(message, in: channel, ts: ts)
    }

    package func direct(to user: String) async throws -> String? { try await place.direct(to: user) }

    package func open(_ view: JSONValue, trigger: String) async throws {
        try await place.open(view, trigger: trigger)
    }
}
