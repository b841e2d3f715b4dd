internal import Console
internal import Conversations
internal import Glibc
internal import Model
internal import Settings
internal import Store

/// Who an operating-system user is here. Names decide, as the settings list them; the role is looked up at every use, so
/// that a change of the settings counts at once.
package struct People: Sendable {
    let database: Database
    let settings: Reloadable<PeopleSettings>

    /// The owner exists from the first start on.
    func establishOwner() async throws {
        let name = settings.current.owner
        guard let user = Self.user(named: name) else {
            throw StartError("The owner \(name) (people.owner) is not a user of this system.")
        }
        _ = try await person(user: user)
    }

    var directory: PeopleDirectory {
        PeopleDirectory(
            byUser: { user in try await person(user: user) },
            byName: { name in try await person(named: name) })
    }

    /// By identifier or name; an operating-system user who may come in is known by name before he ever did.
    func person(named name: String) async throws -> PersonID? {
        if let id = PersonID(name), let person = try await database.person(id) { return person.id }
        if let person = try await database.person(named: name) { return person.id }
        guard let user = Self.user(named: name) else { return nil }
        return try await person(user: user)
    }

    /// The person behind `user`; `nil` for one who may not come in.
    func person(user: UInt32) async throws -> PersonID? {
        guard let name = Self.name(of: user), let role = role(of: name, user: user) else { return nil }
        let record = try await database.findOrCreatePerson(osUser: user, name: name, role: role)
        if record.role != role { try await database.setRole(role, of: record.id) }
        return record.id
    }

    private func role(of name: String, user: UInt32) -> Role? {
        let settings = settings.current
        if name == settings.owner { return .owner }
        // Root can read and change everything here anyway; pretending otherwise would be no protection.
        if user == 0 || settings.admins.contains(name) { return .admin }
        if settings.members.contains(name) { return .member }
        return settings.others == .member ? .member : nil
    }

    private static func name(of user: UInt32) -> String? {
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var result: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
        return String(cString: entry.pw_name)
    }

    private static func user(named name: String) -> UInt32? {
        var entry = passwd()
        var buffer = [CChar](repeating: 0, count: 16 << 10)
        var result: UnsafeMutablePointer<passwd>?
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &result) == 0, result != nil else { return nil }
        return entry.pw_uid
    }
}
