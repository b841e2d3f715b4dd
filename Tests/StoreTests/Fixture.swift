import Foundation
import GRDB
import Model
import Store
import Synchronization

/// A folder of its own, removed with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "bulkhead-\(UUID())").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    var database: String { path + "/bulkhead.sqlite" }

    /// Runs SQL as anybody with the file could, past the store.
    func tamper(_ sql: String) throws {
        // Whoever else writes at that moment is waited for.
        var patient = Configuration()
        patient.busyMode = .timeout(20)
        let queue = try DatabaseQueue(path: database, configuration: patient)
        try queue.write { db in try db.execute(sql: sql) }
        try queue.close()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// A clock the test moves.
final class TestClock: Sendable {
    private let time = Mutex<Int64>(1_700_000_000_000)

    var wall: WallClock { WallClock { [self] in Timestamp(milliseconds: time.withLock { $0 }) } }

    func advance(by duration: Duration) {
        time.withLock { $0 += duration.components.seconds * 1000 }
    }
}

/// A database with two people who share a room.
struct Fixture: Sendable {
    let folder = TemporaryFolder()
    let clock = TestClock()
    let database: Store.Database
    let anna: PersonRecord
    let ben: PersonRecord
    let room: ChannelRecord

    init() async throws {
        database = try Store.Database(directory: folder.path, clock: clock.wall)
        anna = try await database.findOrCreatePerson(osUser: 1001, name: "anna", role: .member)
        ben = try await database.findOrCreatePerson(name: "ben")
        room = try await database.createRoom(named: "sales", by: anna.id)
        try await database.addMember(ben.id, to: room.id)
    }

    func say(
        _ text: String, as person: PersonRecord, in conversation: ConversationID? = nil,
        event: String = UUID().uuidString
    ) async throws -> MessageRecord {
        let draft = InboundDraft(
            channel: room.id, conversation: conversation, author: person.id, text: text, surface: "web", eventID: event)
        return try await database.acceptInbound(draft).message
    }

    func session(of person: PersonRecord, in conversation: ConversationID) async throws -> SessionRecord {
        try await database.startSession(conversation: conversation, requester: person.id)
    }
}

func code<T>(of body: () async throws -> T) async -> StoreError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}
