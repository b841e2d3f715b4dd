/// Follows a conversation through broken connections and restarts of the daemon: goes on after the last stored entry.
package struct ConversationFollower: Sendable {
    package enum Update: Sendable {
        case event(ChatEvent)
        case connected
        case disconnected
    }

    let client: APIClient
    let conversation: String
    /// How long to wait before trying again; doubles up to the second value.
    var pauses: (first: Duration, longest: Duration) = (.milliseconds(200), .seconds(3))

    package init(client: APIClient, conversation: String) {
        self.client = client
        self.conversation = conversation
    }

    /// Until the task is cancelled, `deliver` throws, or the daemon says that there is nothing to follow.
    package func run(after sequence: Int64, _ deliver: (Update) async throws -> Void) async throws {
        var last = sequence
        var pause = pauses.first
        while true {
            do {
                let opened = {
                    pause = pauses.first
                    try await deliver(.connected)
                }
                try await client.events(of: conversation, after: last, opened: opened) { event in
                    if case .entry(let entry) = event { last = max(last, entry.sequence) }
                    try await deliver(.event(event))
                }
            } catch let error as TerminalError where Self.isPassing(error) {
                try await deliver(.disconnected)
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, pauses.longest)
        }
    }

    /// Whether trying again may help.
    static func isPassing(_ error: TerminalError) -> Bool {
        switch error.code {
        case .daemonNotRunning, .connectionLost, .timedOut, .serverFailure: true
        default: false
        }
    }
}
