package import Model

import GRDB

package struct PersonRecord: Sendable, Hashable {
    package let id: PersonID
    package let name: String
    /// The last one; of use only where `isActive`.
    package let role: Role
    /// False: this person's history is kept, and nobody comes in or decides as this person.
    package let isActive: Bool
    /// When an admin put this person out: that holds, whatever the settings say, until an admin takes it back.
    package let deactivated: Timestamp?
    package let deactivatedBy: PersonID?
    /// The operating system's user, for people who come through the daemon's own socket.
    package let osUser: UInt32?
    /// What that user was called when the person was made: a number that goes to another name is another person.
    package let osName: String?
    package let created: Timestamp

    init(_ row: Row) throws {
        id = row.id("id")
        name = row["name"]
        role = try row.word("role")
        isActive = row["active"]
        deactivated = (row["deactivated"] as Int64?).map { Timestamp(milliseconds: $0) }
        deactivatedBy = row.optionalID("deactivated_by")
        osName = row["os_name"]
        osUser = (row["os_uid"] as Int64?).map { UInt32(truncatingIfNeeded: $0) }
        created = row.time("created")
    }
}

extension Database {
    /// The person behind an operating-system user, made with `name` and `role` at first sight. A name somebody else has
    /// gets the user's number: people are never united by name. Nor by number alone: where `osUser` was somebody of
    /// another name, that person is deactivated for good, and a new one is made.
    package func findOrCreatePerson(osUser: UInt32, name: String, role: Role) async throws -> PersonRecord {
        let name = try Self.checkedName(name)
        return try await write { [self] db in
            if let row = try db.row("SELECT * FROM people WHERE os_uid = ?", [Int64(osUser)]) {
                let record = try PersonRecord(row)
                if record.osName == name { return record }
                try Self.deactivate(record.id, at: clock.now(), on: db)
                try db.run("UPDATE people SET os_uid = NULL WHERE id = ?", [record.id.rawValue])
            }
            return try createPerson(
                on: db, name: try Self.freeName(name, osUser, on: db), role: role, osUser: (osUser, name))
        }
    }

    package func findOrCreatePerson(name: String, role: Role = .member) async throws -> PersonRecord {
        let name = try Self.checkedName(name)
        return try await write { [self] db in
            if let row = try db.row("SELECT * FROM people WHERE name = ?", [name]) { return try PersonRecord(row) }
            return try createPerson(on: db, name: name, role: role, osUser: nil)
        }
    }

    /// A new person who is known by an account of `surface` alone, which vouches for its being of the company. Called by
    /// what they call themselves there, marked as that (`PersonName.chosen`).
    package func makePerson(
        called label: String, account: String, on surface: String, role: Role = .member
    ) async throws -> PersonRecord {
        let label = PersonName.plain(label) ?? account
        return try await write { [self] db in
            if let row = try db.row(
                "SELECT p.* FROM accounts a JOIN people p ON p.id = a.person WHERE a.surface = ? AND a.account = ?",
                [surface, account.storable])
            {
                return try PersonRecord(row)
            }
            let name = try Self.checkedName(try Self.chosenName(label, on: surface, db))
            let record = try createPerson(on: db, name: name, role: role, osUser: nil)
            try db.run(
                """
                INSERT INTO accounts (surface, account, person, label, verified, created)
                VALUES (?, ?, ?, ?, 'workspace', ?)
                """,
                [surface, account.storable, record.id.rawValue, label.storable, clock.now().milliseconds])
            return record
        }
    }

    package func person(osUser: UInt32) async throws -> PersonRecord? {
        try await read { db in
            try db.row("SELECT * FROM people WHERE os_uid = ?", [Int64(osUser)]).map(PersonRecord.init)
        }
    }

    package func person(_ id: PersonID) async throws -> PersonRecord? {
        try await read { db in try db.row("SELECT * FROM people WHERE id = ?", [id.rawValue]).map(PersonRecord.init) }
    }

    package func person(named name: String) async throws -> PersonRecord? {
        try await read { db in
            try db.row("SELECT * FROM people WHERE name = ?", [name.storable]).map(PersonRecord.init)
        }
    }

    package func people() async throws -> [PersonRecord] {
        try await read { db in try db.rows("SELECT * FROM people ORDER BY name").map(PersonRecord.init) }
    }

    /// Lets `id` in as `role`. False where it was so already.
    @discardableResult
    package func admit(_ id: PersonID, as role: Role) async throws -> Bool {
        try await write { db in
            try db.run(
                "UPDATE people SET role = ?1, active = 1 WHERE id = ?2 AND (role <> ?1 OR active = 0)",
                [role.rawValue, id.rawValue])
            if db.changesCount == 1 { return true }
            guard try db.exists("SELECT 1 FROM people WHERE id = ?", [id.rawValue]) else {
                throw StoreError(.notFound, "There is no person \(id).")
            }
            return false
        }
    }

    /// Keeps `id` out: browsers are signed out, links void, those it made for others too. False where it was so already.
    @discardableResult
    package func deactivate(_ id: PersonID) async throws -> Bool {
        try await write { [self] db in try Self.deactivate(id, at: clock.now(), on: db) }
    }

    /// Keeps `id` out until it is taken back, or takes that back; whether the settings then let them in, they say.
    package func setDeactivated(_ id: PersonID, by admin: PersonID?) async throws {
        try await write { [self] db in
            let now = admin.map { _ in clock.now().milliseconds }
            try db.run(
                "UPDATE people SET deactivated = ?, deactivated_by = ? WHERE id = ?",
                [now, admin?.rawValue, id.rawValue])
            guard admin != nil else { return }
            try Self.deactivate(id, at: clock.now(), on: db)
            try db.run("DELETE FROM link_codes WHERE person = ?", [id.rawValue])
        }
    }

    @discardableResult
    private static func deactivate(_ id: PersonID, at time: Timestamp, on db: Connection) throws -> Bool {
        try db.run("UPDATE people SET active = 0 WHERE id = ? AND active = 1", [id.rawValue])
        let hasChanged = db.changesCount == 1
        for table in ["browser_sessions", "login_tickets"] {
            try db.run("DELETE FROM \(table) WHERE person = ?1 OR issuer = ?1", [id.rawValue])
        }
        try endGrants(of: id, at: time, on: db)
        _ = try pauseTasks(of: id, reason: "its owner may not use Bulkhead any more", at: time, on: db)
        return hasChanged
    }

    /// Whether `person` ever wrote in the name of `requester` in that conversation.
    package func hasSpoken(
        _ person: PersonID, for requester: PersonID, in conversation: ConversationID
    ) async throws -> Bool {
        try await read { db in
            try db.exists(
                "SELECT 1 FROM messages WHERE conversation = ? AND author = ? AND on_behalf_by = ?",
                [conversation.rawValue, requester.rawValue, person.rawValue])
        }
    }

    private static func freeName(_ name: String, _ osUser: UInt32, on db: Connection) throws -> String {
        var free = name
        var number = 1
        while try db.exists("SELECT 1 FROM people WHERE name = ?", [free]) {
            free = number == 1 ? "\(name)-\(osUser)" : "\(name)-\(osUser)-\(number)"
            number += 1
        }
        return free
    }

    private static func chosenName(_ label: String, on surface: String, _ db: Connection) throws -> String {
        var number = 1
        while true {
            let name = PersonName.chosen(label, on: surface, number: number)
            guard try db.exists("SELECT 1 FROM people WHERE name = ?", [name]) else { return name }
            number += 1
        }
    }

    /// Everybody has a place of their own with the assistant from the start.
    private func createPerson(
        on db: Connection, name: String, role: Role, osUser: (number: UInt32, name: String)?
    ) throws -> PersonRecord {
        let id: PersonID = identifiers.make()
        let channel: ChannelID = identifiers.make()
        let now = clock.now().milliseconds
        try db.run(
            "INSERT INTO people (id, name, role, os_uid, os_name, created) VALUES (?, ?, ?, ?, ?, ?)",
            [id.rawValue, name, role.rawValue, osUser.map { Int64($0.number) }, osUser?.name, now])
        try db.run(
            "INSERT INTO channels (id, name, kind, owner, created) VALUES (?, ?, 'dm', ?, ?)",
            [channel.rawValue, name, id.rawValue, now])
        try db.run(
            "INSERT INTO memberships (channel, person, created) VALUES (?, ?, ?)",
            [channel.rawValue, id.rawValue, now])
        guard let row = try db.row("SELECT * FROM people WHERE id = ?", [id.rawValue]) else {
            throw StoreError(.failed, "The new person is not there.")
        }
        return try PersonRecord(row)
    }

    /// Names stand in lists, rules and the audit: no control or invisible characters that make two look the same.
    static func checkedName(_ name: String) throws -> String {
        let trimmed = name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        let name = String(trimmed)
        let isClean = name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        guard !name.isEmpty, name.utf8.count <= 100, isClean else {
            throw StoreError(.invalid, "A name has 1 to 100 bytes of visible characters.")
        }
        return name
    }
}
