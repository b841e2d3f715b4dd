package import Model

import GRDB

/// Where on a surface outside a conversation lives: whatever is said in it is carried there.
package struct HomeRecord: Sendable, Hashable {
    package static let slack = "slack"

    package let conversation: ConversationID
    package let surface: String
    /// In the surface's own words. Those with a `/` are threads, of which each is one conversation.
    package let address: String
    /// The first thing said there opens a thread of its own, in which the conversation lives from then on.
    package let opensThread: Bool

    init(_ row: Row) {
        conversation = row.id("conversation")
        surface = row["surface"]
        address = row["address"]
        opensThread = row["opens_thread"]
    }
}

extension Database {
    /// From now on what is said in `conversation` is carried to `address`; what was said before is not. Throws `.conflict`
    /// for a thread that is another conversation's.
    package func setHome(of conversation: ConversationID, surface: String, address: String) async throws {
        try await write { [self] db in
            _ = try Self.conversation(conversation, on: db)
            try setHome(of: conversation, surface: surface, address: address, on: db)
        }
    }

    package func home(of conversation: ConversationID, on surface: String) async throws -> HomeRecord? {
        try await read { db in try Self.home(of: conversation, on: surface, db) }
    }

    /// The newest conversation that lives there.
    package func home(at address: String, on surface: String) async throws -> HomeRecord? {
        try await read { db in
            try db.row(
                """
                SELECT * FROM conversation_homes WHERE surface = ? AND address = ?
                ORDER BY created DESC, conversation DESC LIMIT 1
                """, [surface, address]
            ).map(HomeRecord.init)
        }
    }

    /// The thread that a conversation's first delivery opened: it lives there from now on, and what still waits goes there.
    /// Nothing changes where it lives somewhere already.
    package func openThread(of conversation: ConversationID, surface: String, address: String) async throws {
        try await write { db in
            try db.run(
                """
                UPDATE conversation_homes SET address = ?, opens_thread = 0
                WHERE conversation = ? AND surface = ? AND opens_thread = 1
                """, [address, conversation.rawValue, surface])
            guard db.changesCount == 1 else { return }
            try db.run(
                """
                UPDATE outbox SET address = ? WHERE surface = ? AND state = 'pending'
                    AND message IN (SELECT id FROM messages WHERE conversation = ?)
                """, [address, surface, conversation.rawValue])
        }
    }

    func setHome(of conversation: ConversationID, surface: String, address: String, on db: Connection) throws {
        try db.run(
            """
            INSERT INTO conversation_homes (conversation, surface, address, created) VALUES (?, ?, ?, ?)
            ON CONFLICT (conversation, surface) DO UPDATE SET address = excluded.address, opens_thread = 0
            """, [conversation.rawValue, surface, address.storable, clock.now().milliseconds])
    }

    /// Lets a conversation of `person`'s direct channel live where the person is on `surface` too, in a thread that its
    /// first line opens. Nothing happens where it has a home there, or the person no account.
    func setDirectHome(of conversation: ConversationID, person: PersonID, on surface: String, _ db: Connection) throws {
        try db.run(
            """
            INSERT INTO conversation_homes (conversation, surface, address, opens_thread, created)
            SELECT ?1, surface, account, 1, ?4 FROM accounts WHERE person = ?2 AND surface = ?3
            ORDER BY created, account LIMIT 1
            ON CONFLICT (conversation, surface) DO NOTHING
            """, [conversation.rawValue, person.rawValue, surface, clock.now().milliseconds])
    }

    /// What is said in `conversation` goes where its channel is in Slack too, where it is: to the person, or into the channel,
    /// in a thread that its first line opens. Nothing happens where it lives in Slack already.
    func letLiveInSlack(
        _ conversation: ConversationID, in channel: ChannelID, of person: PersonID, on db: Connection
    ) throws {
        if try Self.channel(channel, on: db).kind == .dm {
            return try setDirectHome(of: conversation, person: person, on: HomeRecord.slack, db)
        }
        try db.run(
            """
            INSERT INTO conversation_homes (conversation, surface, address, opens_thread, created)
            SELECT ?1, ?2, id, 1, ?4 FROM slack_channels
            WHERE channel = ?3 AND kind <> 'direct' AND is_member AND NOT is_archived LIMIT 1
            ON CONFLICT (conversation, surface) DO NOTHING
            """, [conversation.rawValue, HomeRecord.slack, channel.rawValue, clock.now().milliseconds])
    }

    static func home(of conversation: ConversationID, on surface: String, _ db: Connection) throws -> HomeRecord? {
        try db.row(
            "SELECT * FROM conversation_homes WHERE conversation = ? AND surface = ?",
            [conversation.rawValue, surface]
        ).map(HomeRecord.init)
    }
}
