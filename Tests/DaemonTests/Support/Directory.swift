import Audit
@testable import Daemon
import Foundation
import Harness
import Model
@testable import Settings
import Store
import Synchronization

/// The operating system's users, as a test changes them.
final class FakeUsers: Sendable {
    struct Unavailable: Error {}

    private let users = Mutex<[UInt32: String]>([:])
    /// Whether the look-up itself fails.
    private let fails = Mutex(false)

    init(_ users: [UInt32: String]) {
        self.users.withLock { $0 = users }
    }

    func fail(_ fails: Bool) { self.fails.withLock { $0 = fails } }

    func set(_ number: UInt32, to name: String?) { users.withLock { $0[number] = name } }

    var system: SystemUsers {
        SystemUsers(
            name: { number in
                guard !self.fails.withLock({ $0 }) else { throw Unavailable() }
                return self.users.withLock { $0[number] }
            },
            number: { name in self.users.withLock { $0.first { $0.value == name }?.key } })
    }
}

/// People over a database of their own: `olga` owns, `adam` is an admin, `mia` and `max` are members.
struct PeopleFixture: Sendable {
    let folder: String
    let database: Database
    let audit: AuditLog
    let users: FakeUsers
    let settings: Reloadable<PeopleSettings>
    let slack: Reloadable<SlackSettings>
    let people: People

    init(folder: String? = nil, settings: PeopleSettings = Self.settings()) async throws {
        self.folder = folder ?? NSTemporaryDirectory() + "people-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        database = try Database(directory: self.folder)
        audit = try await AuditLog.open(database)
        users = FakeUsers([0: "root", 1000: "olga", 1001: "adam", 1002: "mia", 1003: "max", 1004: "eve"])
        self.settings = Reloadable(settings)
        let slack = Reloadable(SlackSettings())
        self.slack = slack
        people = People(
            database: database, audit: audit, settings: self.settings, users: users.system,
            admitsWorkspace: { slack.current.people == .members })
    }

    /// The audit as the console has it, with a witness file in the folder.
    var pages: AuditPages {
        get throws {
            AuditPages(
                audit: audit, database: database, people: people,
                key: try AuditKey(file: folder + "/audit.key").publicKey,
                redaction: try AuditKey(file: folder + "/audit.key").redaction,
                witness: WitnessFile(path: folder + "/audit.witness"))
        }
    }

    static func settings(
        owner: String = "olga", admins: [String] = ["adam"], members: [String] = ["mia", "max"],
        others: PeopleSettings.Others = .refuse
    ) -> PeopleSettings {
        var settings = PeopleSettings()
        settings.owner = owner
        settings.admins = admins
        settings.members = members
        settings.others = others
        return settings
    }

    func come(_ number: UInt32) async throws -> PersonID? { try await people.person(user: number) }

    /// As the gate sees it.
    func role(_ person: PersonID?) async throws -> Role? {
        guard let person else { return nil }
        return try await (database as any Standing).role(of: person)
    }

    /// The names of the audit's events.
    func events() async throws -> [String] {
        try await audit.rows(matching: AuditFilter()).compactMap(\.event)
    }

    func close() {
        database.close()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
