internal import Audit
internal import Conversations
internal import Harness
internal import MCP
internal import Model
internal import Store

// What admins say of people, over what the settings do.
extension People {
    /// Keeps `person` out until `activate`. Not oneself, not root, who reads and changes everything here anyway; an owner
    /// only by another one, and never the last.
    func deactivate(_ person: PersonID, by admin: PersonID) async throws {
        let (target, rank) = try await subject(person, of: admin)
        guard person != admin else {
            throw ChatError(.forbidden, "Nobody deactivates themselves; another admin can.")
        }
        guard target.osUser != 0 else {
            throw ChatError(.forbidden, "Root cannot be deactivated: root reads and changes everything here anyway.")
        }
        if try await role(of: target) == .owner {
            guard rank == .owner else { throw ChatError(.forbidden, "Only an owner may deactivate an owner.") }
            guard try await activeOwners().contains(where: { $0 != person }) else {
                throw ChatError(.conflict, "\(target.name) is the last owner.")
            }
        }
        guard target.deactivated == nil else {
            throw ChatError(.conflict, "\(target.name) is deactivated already.")
        }
        // Out first: what cannot be recorded must not keep anybody in.
        try await database.setDeactivated(person, by: admin)
        try await record("person.deactivated", person, by: admin, ["name": .string(target.name)])
    }

    /// What the settings say counts again: the role they then have, or `nil`.
    func activate(_ person: PersonID, by admin: PersonID) async throws -> Role? {
        let (target, _) = try await subject(person, of: admin)
        guard target.deactivated != nil else {
            throw ChatError(.conflict, "\(target.name) is not deactivated.")
        }
        try await record("person.activated", person, by: admin, ["name": .string(target.name)])
        try await database.setDeactivated(person, by: nil)
        _ = try await isAdmitted(person)
        guard let record = try await database.person(person), record.isActive else { return nil }
        return record.role
    }

    /// `deputy` answers in the place of `person`, until `until` where that is given; `nil` takes it back. One's own, or an
    /// admin's for others; an admin's place is given by admins, an owner's by owners.
    func setDeputy(
        _ deputy: PersonID?, of person: PersonID, until: Timestamp?, by admin: PersonID
    ) async throws {
        guard let target = try await database.person(person), let author = try await database.person(admin),
            author.isActive
        else { throw ChatError(.notFound, "There is no such person.") }
        if person != admin {
            guard author.role == .owner || author.role == .admin && target.role != .owner else {
                throw ChatError(
                    .forbidden, "One's own deputy is one's own to name, or an admin's; an owner's an owner's.")
            }
        }
        guard let deputy else {
            guard try await database.removeDeputy(of: person) else {
                throw ChatError(.notFound, "\(target.name) has no deputy.")
            }
            try await record("person.deputy_removed", person, by: admin, ["name": .string(target.name)])
            return
        }
        guard let other = try await database.person(deputy), other.isActive else {
            throw ChatError(.notFound, "There is no such person to be the deputy.")
        }
        guard person == admin || deputy != admin else {
            throw ChatError(.forbidden, "Nobody puts themselves in another's place: somebody else has to name you.")
        }
        guard deputy != person else { throw ChatError(.invalid, "Nobody is their own deputy.") }
        guard other.role != .guest else { throw ChatError(.forbidden, "A guest decides for nobody.") }
        if let until, until <= database.clock.now() {
            throw ChatError(.invalid, "The time until when \(other.name) is the deputy has passed.")
        }
        var details: JSONObject = ["name": .string(target.name), "deputy": .string(deputy.rawValue)]
        details["until"] = until.map { .string($0.rfc3339) }
        try await record("person.deputy_set", person, by: admin, details)
        try await database.setDeputy(deputy, of: person, until: until, by: admin)
    }

    func refuseTheDeactivated(user: UInt32) async throws {
        guard let name = try users.name(user) else { return }
        let linked = try await linked(user: user, name: name)
        let own = try await database.person(osUser: user)
        let person = if let linked { try await database.person(linked) } else { own }
        guard let person, person.deactivated != nil, linked != nil || person.osName == name else { return }
        throw ChatError(
            .forbidden, "\(person.name) was deactivated by an admin and may not use Bulkhead until activated.")
    }

    func record(_ event: String, _ person: PersonID, by admin: PersonID?, _ details: JSONObject) async throws {
        var details = details
        details["by"] = admin.map { .string($0.rawValue) }
        try await audit.event(event, subject: AuditSubject(requester: person), details: details)
    }

    private func activeOwners() async throws -> [PersonID] {
        var owners: [PersonID] = []
        for record in try await database.people() where try await role(of: record) == .owner {
            owners.append(record.id)
        }
        return owners
    }

    private func subject(_ person: PersonID, of admin: PersonID) async throws -> (PersonRecord, Role) {
        guard let author = try await database.person(admin), author.isActive,
            author.role == .owner || author.role == .admin
        else { throw ChatError(.forbidden, "Only an owner or admin may decide who comes in.") }
        guard let target = try await database.person(person) else {
            throw ChatError(.notFound, "There is no such person.")
        }
        return (target, author.role)
    }
}
