package import Audit
internal import Console
internal import Conversations
internal import Logging
internal import MCP
package import Model
package import Settings
package import Store

/// Who may come in, and as what: operating-system users, as the settings list them by name. The settings decide at every
/// use; what the database has of it follows, for those (the gate) who ask there.
package struct People: Sendable {
    package struct Change: Sendable, Equatable {
        package let person: PersonID
        package let name: String
        /// `nil`: may not come in any more.
        package let role: Role?
    }

    let database: Database
    let audit: AuditLog
    let settings: Reloadable<PeopleSettings>
    let users: SystemUsers
    /// Whether full members of the Slack workspace come in by that alone.
    let admitsWorkspace: @Sendable () -> Bool

    package init(
        database: Database, audit: AuditLog, settings: Reloadable<PeopleSettings>, users: SystemUsers = .current,
        admitsWorkspace: @escaping @Sendable () -> Bool = { false }
    ) {
        self.database = database
        self.audit = audit
        self.settings = settings
        self.users = users
        self.admitsWorkspace = admitsWorkspace
    }

    /// The owner exists from the first start on. Throws `StartError` where the system has no such user.
    package func establishOwner() async throws {
        let name = settings.current.owner
        guard let user = try users.number(name) else {
            throw StartError("The owner \(name) (people.owner) is not a user of this system.")
        }
        _ = try await person(user: user)
    }

    /// Brings everybody the database knows to what the settings say now: at start, and whenever they were read again.
    @discardableResult
    package func reconcile() async throws -> [Change] {
        var changes: [Change] = []
        for record in try await database.people() {
            if let change = try await settle(record) { changes.append(change) }
        }
        return changes
    }

    var directory: PeopleDirectory {
        PeopleDirectory(
            byUser: { user in
                if let person = try await person(user: user) { return person }
                try await refuseTheDeactivated(user: user)
                return nil
            },
            byName: { name in try await person(named: name) },
            isAdmitted: { person in try await isAdmitted(person) })
    }

    /// Whether `person` may come in now.
    package func isAdmitted(_ person: PersonID) async throws -> Bool {
        guard let record = try await database.person(person) else { return false }
        try await settle(record)
        return try await role(of: record) != nil
    }

    /// The person behind `user`, whose own account it is or one of theirs; `nil` for one who may not come in.
    package func person(user: UInt32) async throws -> PersonID? {
        guard let name = try users.name(user) else { return nil }
        if let linked = try await linked(user: user, name: name) {
            return try await isAdmitted(linked) ? linked : nil
        }
        guard let role = settings.current.role(of: name, isRoot: user == 0) else { return nil }
        if let known = try await database.person(osUser: user) {
            try await settle(known)
            if known.osName == name { return known.deactivated == nil ? known.id : nil }
        }
        let record = try await database.findOrCreatePerson(osUser: user, name: name, role: role)
        try await audit.event(
            "person.admitted", subject: AuditSubject(requester: record.id),
            details: ["name": .string(record.name), "role": .string(role.rawValue)])
        return record.id
    }

    /// By identifier, the system's name, or the name here; whoever may come in is known by name before he ever did.
    /// `nil` where there is nobody; throws `ChatError` for one who may not come in (any more).
    package func person(named name: String) async throws -> PersonID? {
        if let user = try users.number(name), let person = try await person(user: user) { return person }
        guard let known = try await anyone(named: name) else { return nil }
        guard try await isAdmitted(known) else {
            throw ChatError(
                .forbidden,
                "\(name.prefix(64)) may not use Bulkhead any more: the settings do not list them (people.admins, "
                    + "people.members), or their operating-system user is gone.")
        }
        return known
    }

    /// Those who may not come in included: whoever has the name now comes before whoever had it once.
    package func whoever(named name: String) async throws -> PersonID? {
        do {
            if let person = try await person(named: name) { return person }
        } catch let error as ChatError where error.code == .forbidden {
            // Somebody who was taken out: found below.
        }
        return try await anyone(named: name)
    }

    /// Those who were removed included: for looking at what somebody did, and for nothing else.
    package func anyone(named name: String) async throws -> PersonID? {
        if let id = PersonID(name), let person = try await database.person(id) { return person.id }
        return try await database.person(named: name)?.id
    }

    package func names() async throws -> [PersonID: String] {
        Dictionary(try await database.people().map { ($0.id, $0.name) }) { first, _ in first }
    }

    /// Brings one record to what the settings say now, and records where that is a change.
    @discardableResult
    func settle(_ record: PersonRecord) async throws -> Change? {
        let role = try await role(of: record)
        guard role != (record.isActive ? record.role : nil) else { return nil }
        let hasChanged =
            if let role { try await database.admit(record.id, as: role) } else {
                try await database.deactivate(record.id)
            }
        guard hasChanged else { return nil }
        var details: JSONObject = ["name": .string(record.name)]
        details["role"] = role.map { .string($0.rawValue) }
        details["was"] = record.isActive ? .string(record.role.rawValue) : nil
        try await audit.event(
            role == nil ? "person.removed" : record.isActive ? "person.role_changed" : "person.admitted",
            subject: AuditSubject(requester: record.id), details: details)
        return Change(person: record.id, name: record.name, role: role)
    }

    /// What the settings say of the person's own account; further ones count for nothing. Nobody an admin put out; nobody
    /// whose number belongs to somebody of another name now, who is another person; nobody who has become another's. Whoever
    /// has an account of the workspace alone is a member.
    func role(of record: PersonRecord) async throws -> Role? {
        guard record.deactivated == nil else { return nil }
        if record.osUser == nil { return try await isOfWorkspace(record.id) ? .member : nil }
        guard let user = record.osUser, let name = try users.name(user),
            name == record.osName, try await linked(user: user, name: name) == nil
        else { return nil }
        return settings.current.role(of: name, isRoot: user == 0)
    }
}
