package import Logging
package import MCP
internal import Model
package import Store

/// Slack's view for assistants: what to begin with, and a thread's title. All of it may be missing: nothing depends on it.
package struct SlackAssistant: Sendable {
    /// What of Slack it needs; `SlackClient` has it.
    package struct Calls: Sendable {
        package var prompts:
            @Sendable (_ channel: String, _ thread: String, [(title: String, message: String)]) async throws -> Void
        package var title: @Sendable (_ channel: String, _ thread: String, _ title: String) async throws -> Void

        package init(
            prompts: @escaping @Sendable (String, String, [(title: String, message: String)]) async throws -> Void,
            title: @escaping @Sendable (String, String, String) async throws -> Void
        ) {
            self.prompts = prompts
            self.title = title
        }
    }

    static let prompts = [
        (title: "What can you do?", message: "What can you do here, and what do you ask before you do it?"),
        (title: "Summarise a file", message: "Summarise the file I give you in ten lines."),
        (title: "Draft a reply", message: "Help me draft a reply to a message that I paste."),
    ]

    private let database: Database
    private let calls: Calls
    private let logger: Logger

    package init(database: Database, calls: Calls, logger: Logger) {
        self.database = database
        self.calls = calls
        self.logger = logger
    }

    /// Of an `assistant_thread_started` or `…_context_changed`; nothing for anything else.
    package func take(_ payload: JSONValue) async {
        let event = payload["event"]
        guard ["assistant_thread_started", "assistant_thread_context_changed"].contains(event?["type"]?.stringValue),
            let thread = event?["assistant_thread"], let channel = thread["channel_id"]?.stringValue,
            SlackAddress.isIdentifier(channel), let ts = thread["thread_ts"]?.stringValue.flatMap(SlackTimestamp.init)
        else { return }
        await attempt { try await calls.prompts(channel, ts.text, Self.prompts) }
    }

    /// A message was taken: its thread is called as the conversation is, if that begins with it.
    package func taken(_ message: SlackTakenMessage) async {
        guard message.channel.hasPrefix("D") else { return }
        await attempt {
            guard let home = try await database.home(of: message.conversation, on: HomeRecord.slack),
                let thread = SlackAddress(home.address)?.thread,
                let conversation = try await database.conversation(message.conversation),
                try await database.entries(of: message.conversation, limit: 1).first?.message.id == message.message
            else { return }
            try await calls.title(message.channel, thread.text, String(conversation.title.prefix(100)))
        }
    }

    private func attempt(_ body: () async throws -> Void) async {
        do { try await body() } catch {
            logger.debug("the assistant's view is as it was", metadata: ["error": "\(error)"])
        }
    }
}
