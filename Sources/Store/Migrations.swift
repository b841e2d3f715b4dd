import GRDB

/// The database's versions. Append only: what has shipped is never edited, since databases out there have run it.
enum Migrations {
    static let all: [(name: String, sql: String)] = [
        ("0001-foundation", foundation)
    ]

    static func migrator(upTo count: Int = all.count) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, sql) in all.prefix(count) {
            migrator.registerMigration(name) { db in try db.execute(sql: sql) }
        }
        return migrator
    }
}
