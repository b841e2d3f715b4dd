import GRDB

/// The database's versions. Append only: what has shipped is never edited, since databases out there have run it.
package enum Migrations {
    static let all: [(name: String, sql: String)] = [
        ("0001-foundation", foundation),
        ("0002-logins", logins),
        ("0003-audit-checkpoints", checkpoints),
        ("0004-pauses", pauses),
        ("0005-approvals", approvals),
        ("0006-grants", grants),
        ("0007-labels", labels),
        ("0008-audit", audit),
        ("0009-people", people),
        ("0010-undo", undo),
        ("0011-egress", egress),
        ("0012-secrets", secrets),
        ("0013-homes", homes),
        ("0014-grant-uses", grantUses),
        ("0015-slack", slack),
        ("0016-answers", answers),
        ("0017-relayed", relayed),
        ("0018-slack-admissions", slackAdmissions),
        ("0019-tasks", tasks),
    ]

    package static var names: [String] { all.map(\.name) }

    /// Brings the database at `path` to an earlier version, as an earlier Bulkhead would have left it.
    package static func run(upTo count: Int, at path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try migrator(upTo: count).migrate(queue)
        try queue.close()
    }

    static func migrator(upTo count: Int = all.count) -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, sql) in all.prefix(count) {
            migrator.registerMigration(name) { db in try db.execute(sql: sql) }
        }
        return migrator
    }
}
