package import Model

import GRDB

package struct ChannelRecord: Sendable, Hashable {
    package enum Kind: String, Sendable, Codable {
        /// One person and the assistant.
        case dm
        /// Everyone who is a member.
        case room
    }

    package let id: ChannelID
    package let name: String
    package let kind: Kind
    package let owner: PersonID?
    package let created: Timestamp

    init(_ row: Row) throws {
        id = row.id("id")
        name = row["name"]
        kind = try row.word("kind")
        owner = row.optionalID("owner")
        created = row.time("created")
    }
}

extension Database {
    /// A room with its maker as first member. Throws `.conflict` where the name is taken.
    package func createRoom(named name: String, by person: PersonID) async throws -> ChannelRecord {
        let name = try Self.checkedName(name)
        return try await write { [self] db in
            guard try !db.exists("SELECT 1 FROM channels WHERE kind = 'room' AND name = ?", [name]) else {
                throw StoreError(.conflict, "There is a channel named \(name) already. Choose another name.")
            }
            let id: ChannelID = identifiers.make()
            let now = clock.now().milliseconds
            try db.run(
                "INSERT INTO channels (id, name, kind, owner, created) VALUES (?, ?, 'room', ?, ?)",
                [id.rawValue, name, person.rawValue, now])
            try db.run(
                "INSERT INTO memberships (channel, person, created) VALUES (?, ?, ?)",
                [id.rawValue, person.rawValue, now])
            return try Self.channel(id, on: db)
        }
    }

    /// Throws `.forbidden` for a DM: it has one member for ever.
    package func addMember(_ person: PersonID, to channel: ChannelID) async throws {
        try await write { [self] db in
            try Self.requireRoom(channel, on: db)
            guard try db.exists("SELECT 1 FROM people WHERE id = ?", [person.rawValue]) else {
                throw StoreError(.notFound, "There is no person \(person).")
            }
            try db.run(
                "INSERT INTO memberships (channel, person, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [channel.rawValue, person.rawValue, clock.now().milliseconds])
        }
    }

    /// Throws `StoreError.conflict` where nobody who may come in would be left: two who leave at a time included. Not of a
    /// Slack channel: there are more people in that than are known here.
    package func removeMember(_ person: PersonID, from channel: ChannelID) async throws {
        try await write { db in
            try Self.requireRoom(channel, on: db)
            let others = try db.row(
                """
                SELECT 1 FROM memberships m JOIN people p ON p.id = m.person
                WHERE m.channel = ? AND m.person <> ? AND p.active LIMIT 1
                """, [channel.rawValue, person.rawValue])
            guard try others != nil || Self.isSlackRoom(channel, on: db) else {
                throw StoreError(.conflict, "Nobody would be left to read this channel. Add somebody first.")
            }
            try db.run(
                "DELETE FROM memberships WHERE channel = ? AND person = ?", [channel.rawValue, person.rawValue])
        }
    }

    package func members(of channel: ChannelID) async throws -> [PersonRecord] {
        try await read { db in
            try db.rows(
                "SELECT p.* FROM memberships m JOIN people p ON p.id = m.person WHERE m.channel = ? ORDER BY p.name",
                [channel.rawValue]
            ).map(PersonRecord.init)
        }
    }

    package func channel(_ id: ChannelID) async throws -> ChannelRecord? {
        try await read { db in
            try db.row("SELECT * FROM channels WHERE id = ?", [id.rawValue]).map(ChannelRecord.init)
        }
    }

    /// A room by its name; DMs have none that others could say.
    package func channel(named name: String) async throws -> ChannelRecord? {
        try await read { db in
            try db.row("SELECT * FROM channels WHERE kind = 'room' AND name = ?", [name.storable])
                .map(ChannelRecord.init)
        }
    }

    package func dmChannel(of person: PersonID) async throws -> ChannelRecord {
        try await read { db in
            let row = try db.row("SELECT * FROM channels WHERE kind = 'dm' AND owner = ?", [person.rawValue])
            guard let row else { throw StoreError(.notFound, "There is no person \(person).") }
            return try ChannelRecord(row)
        }
    }

    /// The DM first, then rooms by name.
    package func channels(for person: PersonID) async throws -> [ChannelRecord] {
        try await read { db in
            try db.rows(
                """
                SELECT c.* FROM memberships m JOIN channels c ON c.id = m.channel WHERE m.person = ?
                ORDER BY c.kind, c.name
                """, [person.rawValue]
            ).map(ChannelRecord.init)
        }
    }

    /// Membership alone decides: an admin's role opens nobody's conversations.
    package func mayRead(channel: ChannelID, person: PersonID) async throws -> Bool {
        try await read { db in
            try db.exists(
                "SELECT 1 FROM memberships WHERE channel = ? AND person = ?", [channel.rawValue, person.rawValue])
        }
    }

    package func mayRead(conversation: ConversationID, person: PersonID) async throws -> Bool {
        try await read { db in try Self.mayRead(conversation: conversation, person: person, on: db) }
    }

    static func mayRead(conversation: ConversationID, person: PersonID, on db: Connection) throws -> Bool {
        try db.exists(
            """
            SELECT 1 FROM conversations c JOIN memberships m ON m.channel = c.channel
            WHERE c.id = ? AND m.person = ?
            """, [conversation.rawValue, person.rawValue])
    }

    static func channel(_ id: ChannelID, on db: Connection) throws -> ChannelRecord {
        guard let row = try db.row("SELECT * FROM channels WHERE id = ?", [id.rawValue]) else {
            throw StoreError(.notFound, "There is no channel \(id).")
        }
        return try ChannelRecord(row)
    }

    private static func requireRoom(_ id: ChannelID, on db: Connection) throws {
        guard try channel(id, on: db).kind == .room else {
            throw StoreError(.forbidden, "A direct channel has one member and stays so.")
        }
    }
}
