import Foundation
import GRDB

final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "bulkhead-\(UUID())").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Runs SQL as anybody with the file could, past the store.
    func tamper(_ sql: String) throws {
        // Whoever else writes at that moment is waited for.
        var patient = Configuration()
        patient.busyMode = .timeout(20)
        let queue = try DatabaseQueue(path: path + "/bulkhead.sqlite", configuration: patient)
        try queue.write { db in try db.execute(sql: sql) }
        try queue.close()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
