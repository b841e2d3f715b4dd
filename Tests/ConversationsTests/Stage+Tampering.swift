import GRDB

extension Stage {
    /// Runs SQL as anybody with the file could, past the store.
    func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: directory + "/bulkhead.sqlite")
        try queue.write { db in try db.execute(sql: sql) }
        try queue.close()
    }
}
