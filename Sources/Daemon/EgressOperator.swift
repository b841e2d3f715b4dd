internal import Console
internal import Conversations
internal import Harness
internal import MCP
internal import Model
internal import NetworkRules
internal import Policy
internal import Store

/// The console's grants of addresses, over the book and the policy file.
struct EgressOperator: EgressOperations {
    let book: EgressGrantBook
    let database: Database
    let policy: PolicyStore
    let people: People

    func egress(for person: PersonID) async throws -> JSONObject {
        let grants = try await book.list(for: person)
        return [
            "grants": .array(grants.map { .object(json($0)) }),
            "policy": .array(policy.current.egress.listing.map(JSONValue.object)),
            "guests": .string(policy.current.egress.holdsForGuests ? "company" : "none"),
        ]
    }

    func allowEgress(_ wish: EgressWish, by person: PersonID) async throws -> JSONObject {
        let entry: EgressEntry
        do {
            entry = try EgressEntry(
                written: wish.domain, ports: wish.ports.map { Int($0) }, methods: wish.methods,
                pathPrefixes: wish.paths, allowsUnnamedTLS: wish.withoutSNI)
        } catch {
            throw ChatError(.invalid, error.description)
        }
        let draft = EgressGrantDraft(
            entry: entry.members, scope: try await scope(of: wish.target), reason: wish.reason, expires: wish.expires)
        var grant = json(try await book.allow(draft, by: person))
        let denials = policy.current.egress.denials(of: entry)
        if !denials.isEmpty { grant["denied_by"] = .array(denials.map { .string($0) }) }
        return grant
    }

    func denyEgress(_ what: String, reason: String, by person: PersonID) async throws -> JSONObject {
        let ended = try await book.revoke(what, reason: reason, by: person)
        let still = Set(ended.compactMap(\.allowed).flatMap { policy.current.egress.allowances(of: $0) })
        return [
            "ended": .array(ended.map { .string($0.id.rawValue) }),
            "still_allowed": .array(still.sorted().map { .string($0) }),
        ]
    }

    /// By what they are for, without their ids: a surface can be compared.
    func inForce() async throws -> [(String, JSONValue)] {
        let now = database.clock.now()
        var known: Set<String> = []
        return try await database.egressGrants().filter { $0.end(at: now) == nil && $0.allowed != nil }
            .map { grant -> (String, JSONValue) in
                let whom = grant.scope.subject.map { "\(grant.scope.kind.rawValue) \($0)" } ?? "company"
                return ("\(grant.entryText) for \(whom)", ["by": .string(grant.giverName)])
            }
            .filter { known.insert($0.0).inserted }
    }

    private func scope(of target: EgressWish.Target) async throws -> EgressScope {
        switch target {
        case .company: return .company
        case .person(let name):
            guard let person = try await people.person(named: name) else {
                throw ChatError(.notFound, "There is nobody called \(name.prefix(64)) who may come in.")
            }
            return .person(person)
        case .channel(let name):
            if let id = ChannelID(name), try await database.channel(id) != nil { return .channel(id) }
            guard let channel = try await database.channel(named: name) else {
                throw ChatError(.notFound, "There is no channel \(name.prefix(80)).")
            }
            return .channel(channel.id)
        }
    }

    private func json(_ grant: EgressGrantRecord) -> JSONObject {
        let end = grant.end(at: database.clock.now()) ?? (grant.allowed == nil ? "void: unreadable" : nil)
        return [
            "id": .string(grant.id.rawValue), "entry": .string(grant.entryText),
            "scope": .string(grant.scope.kind.rawValue),
            "for": .string(grant.scopeName ?? grant.scope.subject ?? "everybody"), "by": .string(grant.giverName),
            "reason": .string(grant.reason), "given": .string(grant.created.rfc3339),
            "last_used": grant.lastUsed.map { .string($0.rfc3339) } ?? .null,
            "expires": grant.expires.map { .string($0.rfc3339) } ?? .null, "in_force": .bool(end == nil),
            "end": end.map { .string($0) } ?? .null,
        ]
    }
}
