package import MCP
package import SlackAPI

/// The workspace as Slack's Web API has it.
package struct SlackClientWorkspace: SlackWorkspace {
    private let client: SlackClient

    package init(_ client: SlackClient) { self.client = client }

    package func identity() async throws -> SlackIdentity { try await client.authTest() }

    package func user(_ id: String) async throws -> SlackUser { try await client.user(id) }

    package func users(limit: Int) async throws -> [SlackUser] {
        var found: [SlackUser] = []
        for try await user in client.users() {
            guard found.count < limit else { break }
            found.append(user)
        }
        return found
    }

    package func place(_ id: String) async throws -> SlackPlace { SlackPlace(try await client.channel(id)) }

    package func places() async throws -> [SlackPlace] {
        try await client.channels(of: nil).all().map(SlackPlace.init)
    }

    package func members(of place: String) async throws -> Set<String> {
        Set(try await client.members(of: place).all())
    }

    package func history(
        of place: String, after: SlackTimestamp?, before: SlackTimestamp?, limit: Int
    ) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        let pages = client.history(
            place, after: after?.text, before: before?.text, pageSize: min(limit, 200), mostPages: limit / 200 + 1)
        for try await message in pages where found.count < limit { found.append(message.json) }
        return found.reversed()
    }

    package func replies(
        in thread: SlackTimestamp, of place: String, after: SlackTimestamp?, before: SlackTimestamp?, limit: Int
    ) async throws -> [JSONValue] {
        let found = try await client.replies(
            place, thread: thread.text, after: after?.text, before: before?.text, mostPages: 10
        ).all().map(\.json)
        guard found.count > limit, let first = found.first else { return found }
        return [first] + found.suffix(limit - 1)
    }

    package func content(of file: SlackFile, limit: Int) async throws -> [UInt8] {
        let file = file.needsLookUp ? try await client.fileInfo(file.id) : file
        return try await client.download(file, mostBytes: limit)
    }

    package func whisper(
        _ text: String, to user: String, in place: String, thread: SlackTimestamp?
    ) async throws {
        _ = try await client.postEphemeral(
            SlackPost(channel: place, text: text, thread: thread?.text), to: user)
    }
}
