package import Model

import GRDB

package struct PersonRecord: Sendable, Hashable {
    package let id: PersonID
    package let name: String
    package let role: Role
    /// The operating system's user, for people who come through the daemon's own socket.
    package let osUser: UInt32?
    package let created: Timestamp

    init(_ row: Row) throws {
        id = row.id("id")
        name = row["name"]
        role = try row.word("role")
        osUser = (row["os_uid"] as Int64?).map { UInt32(truncatingIfNeeded: $0) }
        created = row.time("created")
    }
}

extension Database {
    /// The person behind an operating-system user, made with `name` and `role` at first sight. A name somebody else has
    /// gets the user's number: people are never united by name.
    package func findOrCreatePerson(osUser: UInt32, name: String, role: Role) async throws -> PersonRecord {
        let name = try Self.checkedName(name)
        return try await write { [self] db in
            if let row = try db.row("SELECT * FROM people WHERE os_uid = ?", [Int64(osUser)]) {
                return try PersonRecord(row)
            }
            let isTaken = try db.exists("SELECT 1 FROM people WHERE name = ?", [name])
            return try createPerson(
                on: db, name: isTaken ? "\(name)-\(osUser)" : name, role: role, osUser: osUser)
        }
    }

    package func findOrCreatePerson(name: String, role: Role = .member) async throws -> PersonRecord {
        let name = try Self.checkedName(name)
        return try await write { [self] db in
            if let row = try db.row("SELECT * FROM people WHERE name = ?", [name]) { return try PersonRecord(row) }
            return try createPerson(on: db, name: name, role: role, osUser: nil)
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

    package func setRole(_ role: Role, of id: PersonID) async throws {
        try await write { db in
            try db.run("UPDATE people SET role = ? WHERE id = ?", [role.rawValue, id.rawValue])
            guard db.changesCount == 1 else { throw StoreError(.notFound, "There is no person \(id).") }
        }
    }

    /// Everybody has a place of their own with the assistant from the start.
    private func createPerson(on db: Connection, name: String, role: Role, osUser: UInt32?) throws -> PersonRecord {
        let id: PersonID = identifiers.make()
        let channel: ChannelID = identifiers.make()
        let now = clock.now().milliseconds
        try db.run(
            "INSERT INTO people (id, name, role, os_uid, created) VALUES (?, ?, ?, ?, ?)",
            [id.rawValue, name, role.rawValue, osUser.map { Int64($0) }, now])
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
