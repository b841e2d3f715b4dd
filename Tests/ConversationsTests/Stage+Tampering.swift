import GRDB

extension Stage {
    /// Runs SQL as anybody with the file could, past the store.
    func tamper(_ sql: String) throws {
        // Whoever else writes at that moment is waited for.
        var patient = Configuration()
        patient.busyMode = .timeout(20)
        let queue = try DatabaseQueue(path: directory + "/bulkhead.sqlite", configuration: patient)
        try queue.write { db in try db.execute(sql: sql) }
        try queue.close()
    }
}
