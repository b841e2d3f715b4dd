import GRDB
internal import Glibc
package import Model

/// What waits, what failed, what it cost: for alerts.
package struct StoreHealth: Sendable, Hashable {
    package var oldestRun: Timestamp?
    package var oldestMessage: Timestamp?
    package var oldestDelivery: Timestamp?
    package var failedTasks: [String]
    package var spentToday: Int64
    package var usualSpend: Int64?
    package var freeBytes: UInt64?
}

extension Database {
    package func health() async throws -> StoreHealth {
        let now = clock.now()
        let day: Int64 = 86_400_000
        var health = try await read { db in
            let spent = { (from: Int64, to: Int64) throws -> (sum: Int64, first: Int64?) in
                let row = try db.row(
                    "SELECT sum(microdollars) AS sum, min(started) AS first FROM model_calls WHERE started >= ? AND started < ?",
                    [from, to])
                return (row?["sum"] as Int64? ?? 0, row?["first"])
            }
            let today = try spent(now.milliseconds - day, .max)
            let before = try spent(now.milliseconds - 8 * day, now.milliseconds - day)
            let days = before.first.map { max(1, (now.milliseconds - day - $0 + day - 1) / day) }
            return StoreHealth(
                oldestRun: try db.row("SELECT min(begins) AS at FROM task_runs WHERE state = 'waiting'")?.optionalTime(
                    "at"),
                oldestMessage: try db.row("SELECT min(created) AS at FROM messages WHERE state = 'pending'")?
                    .optionalTime("at"),
                oldestDelivery: try db.row("SELECT min(created) AS at FROM outbox WHERE state = 'pending'")?
                    .optionalTime("at"),
                failedTasks: try db.rows(
                    "SELECT name FROM tasks WHERE state = 'paused' AND reason LIKE 'it failed %' ORDER BY name LIMIT 20"
                ).map { $0["name"] },
                spentToday: today.sum, usualSpend: days.map { before.sum / $0 })
        }
        var information = statvfs()
        if statvfs(directory, &information) == 0 {
            health.freeBytes = UInt64(information.f_bavail) &* UInt64(information.f_frsize)
        }
        return health
    }
}
