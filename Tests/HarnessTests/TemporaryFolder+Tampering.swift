import GRDB

extension TemporaryFolder {
    /// Runs SQL as anybody with the file could, past the store.
    func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path + "/bulkhead.sqlite")
        try queue.write { db in try db.execute(sql: sql) }
        try queue.close()
    }
}
