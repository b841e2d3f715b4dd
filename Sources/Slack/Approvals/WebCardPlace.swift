package import MCP
package import Model
package import SlackAPI
package import SlackText

/// Cards by Slack's Web API.
package struct WebCardPlace: SlackCardPlace {
    static let event = "bulkhead_card"
    /// Milliseconds that Slack's clock and ours may differ.
    private static let skew: Int64 = 600_000
    private let client: SlackClient

    package init(client: SlackClient) {
        self.client = client
    }

    package func post(
        _ message: BlockMessage, at address: SlackAddress, marker: String
    ) async throws -> SlackTimestamp? {
        let post = SlackPost(
            channel: address.channel, text: message.text, blocks: message.blocks, thread: address.thread?.text,
            metadata: SlackMetadata(eventType: Self.event, payload: ["approval": .string(marker)]))
        do {
            return SlackTimestamp(try await client.post(post).ts)
        } catch let error as SlackError where error.kind == .notThere || error.kind == .permanent {
            return nil
        }
    }

    package func find(
        marker: String, at address: SlackAddress, since time: Timestamp
    ) async throws -> SlackTimestamp? {
        let oldest = SlackTimestamp(Timestamp(milliseconds: time.milliseconds - Self.skew)).text
        let messages =
            if let thread = address.thread {
                client.replies(address.channel, thread: thread.text, after: oldest, withMetadata: true)
            } else {
                client.history(address.channel, after: oldest, withMetadata: true)
            }
        do {
            for try await message in messages
            where message.metadata?.eventType == Self.event && message.metadata?.payload["approval"] == .string(marker)
            {
                return SlackTimestamp(message.ts)
            }
        } catch let error as SlackError where error.kind == .notThere {
            return nil
        }
        return nil
    }

    package func update(_ message: BlockMessage, in channel: String, ts: SlackTimestamp) async throws -> Bool {
        do {
            try await client.update(
                SlackPosted(channel: channel, ts: ts.text), text: message.text, blocks: message.blocks)
            return true
        } catch let error as SlackError where error.kind == .notThere || error.kind == .permanent {
            return false
        }
    }

    package func direct(to user: String) async throws -> String? {
        do {
            return try await client.openDirect([user])
        } catch let error as SlackError where error.kind == .notThere || error.kind == .permanent {
            return nil
        }
    }

    package func tell(_ sentence: String, user: String, at address: SlackAddress?) async throws {
        let message = AnswerCards.notice(sentence)
        let post = SlackPost(
            channel: address?.channel ?? user, text: message.text, blocks: message.blocks, thread: address?.thread?.text
        )
        if address == nil {
            _ = try await client.post(post)
        } else {
            try await client.postEphemeral(post, to: user)
        }
    }

    package func open(_ view: JSONValue, trigger: String) async throws {
        _ = try await client.openView(trigger: trigger, view.objectValue ?? [:])
    }
}
