internal import GRDB
package import Model

/// How many secrets there may be of whose one of them is, and of how many bytes.
package struct SecretRoom: Sendable {
    package var secrets: Int
    /// Of all values together.
    package var bytes: Int
    /// Of the value that is put there.
    package var value: Int
    /// What a sealed value has more than the value.
    package var sealing: Int
    /// How long those are that are not in the database, where that is known.
    package var elsewhere: [SecretID: Int]

    package init(secrets: Int, bytes: Int, value: Int, sealing: Int, elsewhere: [SecretID: Int] = [:]) {
        self.secrets = secrets
        self.bytes = bytes
        self.value = value
        self.sealing = sealing
        self.elsewhere = elsewhere
    }
}

extension Database {
    /// Throws `.invalid`, in words for people, where there is no room for it beside the others of the same person, the
    /// same channel or the company.
    package func requireRoom(_ room: SecretRoom, for record: SecretRecord) async throws {
        try await read { db in try room.require(for: record, db) }
    }
}

extension SecretRoom {
    func require(for record: SecretRecord, _ db: Connection) throws {
        let others = try db.rows(
            """
            SELECT id, LENGTH(sealed) AS length FROM secrets
            WHERE scope = ? AND person IS ? AND channel IS ? AND id <> ?
            """,
            [record.scope.rawValue, record.person?.rawValue, record.channel?.rawValue, record.id.rawValue])
        guard others.count < secrets else {
            throw StoreError(
                .invalid,
                "There are \(others.count) secrets here, which is as many as there may be. Remove one first "
                    + "(bulkhead secret rm).")
        }
        let total = others.reduce(value) { sum, other in
            let length: Int? = other["length"]
            return sum + (length.map { max(0, $0 - sealing) } ?? elsewhere[SecretID(trusted: other["id"])] ?? 0)
        }
        guard total <= bytes else {
            throw StoreError(
                .invalid,
                "The secrets here would have \(total) bytes, more than the \(bytes) there may be. Remove one first "
                    + "(bulkhead secret rm).")
        }
    }
}
