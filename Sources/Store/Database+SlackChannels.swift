package import Model

import GRDB

/// A channel of Slack's, and which channel it is here.
package struct SlackChannelRecord: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case `public`, `private`
        /// A direct conversation of several people.
        case group
        /// One person and the app.
        case direct
    }

    package let id: String
    /// `nil` until somebody is answered there.
    package let channel: ChannelID?
    package let name: String
    package let kind: Kind
    /// Whether the app is in it.
    package let isMember: Bool
    package let isArchived: Bool
    /// The newest time stamp that was kept of it.
    package let seen: String

    init(_ row: Row) throws {
        id = row["id"]
        channel = row.optionalID("channel")
        name = row["name"]
        kind = try row.word("kind")
        isMember = row["is_member"]
        isArchived = row["is_archived"]
        seen = row["seen"]
    }
}

extension Database {
    package func slackChannel(_ id: String) async throws -> SlackChannelRecord? {
        try await read { db in
            try db.row("SELECT * FROM slack_channels WHERE id = ?", [id.storable]).map(SlackChannelRecord.init)
        }
    }

    /// Those the app is in.
    package func slackChannels() async throws -> [SlackChannelRecord] {
        try await read { db in
            try db.rows("SELECT * FROM slack_channels WHERE is_member = 1 ORDER BY id").map(SlackChannelRecord.init)
        }
    }

    /// What Slack says of a channel now; a room follows its name. `seen` counts where it is new, or the app was out of it
    /// until now: what was said meanwhile was not for it.
    @discardableResult
    package func saveSlackChannel(
        _ id: String, name: String, kind: SlackChannelRecord.Kind, isMember: Bool, isArchived: Bool, seen: String
    ) async throws -> SlackChannelRecord {
        try await write { [self] db in
            try db.run(
                """
                INSERT INTO slack_channels (id, name, kind, is_member, is_archived, seen, created)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                ON CONFLICT (id) DO UPDATE SET name = ?2, kind = ?3, is_member = ?4, is_archived = ?5,
                    seen = CASE WHEN is_member = 0 AND ?4 = 1 THEN MAX(seen, ?6) ELSE seen END
                """,
                [
                    id.storable, name.storable, kind.rawValue, isMember, isArchived, seen.storable,
                    clock.now().milliseconds,
                ])
            guard let row = try db.row("SELECT * FROM slack_channels WHERE id = ?", [id.storable]) else {
                throw StoreError(.failed, "The Slack channel is not there.")
            }
            let record = try SlackChannelRecord(row)
            if let room = record.channel, record.kind != .direct {
                let free = try Self.freeRoomName(name, besides: room, on: db)
                try db.run("UPDATE channels SET name = ? WHERE id = ?", [free, room.rawValue])
            }
            return record
        }
    }

    /// The room that the Slack channel is here, made at first use. Nobody owns it, and who is in it Slack decides. A room
    /// never counts as read by one person alone, however few of its readers are known.
    package func roomOfSlackChannel(_ id: String) async throws -> ChannelID {
        try await write { [self] db in
            guard let row = try db.row("SELECT * FROM slack_channels WHERE id = ?", [id.storable]) else {
                throw StoreError(.notFound, "There is no Slack channel \(id).")
            }
            let record = try SlackChannelRecord(row)
            if let room = record.channel { return room }
            guard record.kind != .direct else {
                throw StoreError(.invalid, "A direct conversation is its person's own channel.")
            }
            let room: ChannelID = identifiers.make()
            try db.run(
                "INSERT INTO channels (id, name, kind, owner, created) VALUES (?, ?, 'room', NULL, ?)",
                [
                    room.rawValue, try Self.freeRoomName(record.name, besides: room, on: db),
                    clock.now().milliseconds,
                ])
            try db.run("UPDATE slack_channels SET channel = ? WHERE id = ?", [room.rawValue, id.storable])
            return room
        }
    }

    /// Whether Slack decides who is in that room.
    package func isSlackRoom(_ channel: ChannelID) async throws -> Bool {
        try await read { db in try Self.isSlackRoom(channel, on: db) }
    }

    static func isSlackRoom(_ channel: ChannelID, on db: Connection) throws -> Bool {
        try db.exists("SELECT 1 FROM slack_channels WHERE channel = ? AND kind <> 'direct'", [channel.rawValue])
    }

    /// As it is called in Slack; with a number where another room has that name.
    private static func freeRoomName(_ name: String, besides room: ChannelID, on db: Connection) throws -> String {
        let wanted = "#" + ((try? checkedName(name.cut(to: 90, ending: ""))) ?? "slack")
        var free = wanted
        var number = 2
        while try db.exists(
            "SELECT 1 FROM channels WHERE kind = 'room' AND name = ? AND id <> ?", [free, room.rawValue])
        {
            free = "\(wanted)-\(number)"
            number += 1
        }
        return free
    }
}
