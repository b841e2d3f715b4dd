package import MCP
package import SlackAPI

/// What the way out asks of Slack. `SlackClient` in the product; in tests something that fails when it is told to.
package protocol SlackSending: Sendable {
    func authTest() async throws -> SlackIdentity
    func openDirect(_ users: [String]) async throws -> String
    func post(_ message: SlackPost) async throws -> SlackPosted
    func update(
        _ posted: SlackPosted, text: String, blocks: [JSONValue]?, metadata: SlackMetadata?) async throws
    func delete(_ posted: SlackPosted) async throws
    func react(_ name: String, to posted: SlackPosted) async throws
    func unreact(_ name: String, from posted: SlackPosted) async throws
    func setStatus(
        channel: String, thread: String, _ status: String, loading: [String], face: SlackFace?) async throws
    func startStream(
        channel: String, thread: String?, recipient: SlackRecipient?, markdown: String, face: SlackFace?
    ) async throws -> SlackPosted
    func appendStream(_ posted: SlackPosted, markdown: String) async throws
    func stopStream(
        _ posted: SlackPosted, markdown: String, blocks: [JSONValue]?, metadata: SlackMetadata?) async throws
    func sendBytes(_ file: SlackUpload) async throws -> String
    func share(
        _ files: [(id: String, title: String)], channel: String, thread: String?) async throws
    func fileInfo(_ id: String) async throws -> SlackFile
    /// What was said there after `time` (a time stamp), with metadata. All of it, or it throws.
    func messages(in place: SlackAddress, after time: String) async throws -> [SlackMessage]
    /// Throws `thread_not_found` where its first message is not there any more.
    func requireThread(_ place: SlackAddress) async throws
}

extension SlackClient: SlackSending {
    package func messages(in place: SlackAddress, after time: String) async throws -> [SlackMessage] {
        guard let thread = place.thread else {
            return try await history(place.channel, after: time, withMetadata: true).all()
        }
        return try await replies(place.channel, thread: thread.text, after: time, withMetadata: true).all()
    }

    package func requireThread(_ place: SlackAddress) async throws {
        guard let thread = place.thread else { return }
        // The first message comes in any case, whatever time is asked for.
        for try await _ in replies(place.channel, thread: thread.text, before: thread.text, pageSize: 1) { return }
    }
}
