internal import Audit
internal import Console
internal import Conversations
internal import MCP
internal import Model
internal import Policy
internal import Store

/// The audit as the console shows it.
struct AuditPages: AuditReader {
    let audit: AuditLog
    let database: Database
    let people: People
    let key: AuditPublicKey
    let redaction: RedactionKey
    /// `nil` where nobody tells the witnesses.
    var notary: AuditNotary?
    let witness: WitnessFile

    func rows(_ wanted: Console.AuditFilter) async throws -> [JSONObject] {
        var filter = Audit.AuditFilter()
        filter.after = wanted.after ?? 0
        filter.before = wanted.before
        filter.limit = wanted.limit
        filter.newest = wanted.newestFirst
        if let text = wanted.session {
            // What cannot be an identifier names no session; it must not stand for all of them.
            guard let session = SessionID(text) else { return [] }
            filter.session = session
        }
        if let name = wanted.person {
            // Nobody of that name did anything.
            guard let person = try await people.anyone(named: name) else { return [] }
            filter.person = person
        }
        filter.tool = wanted.tool
        filter.event = wanted.event
        filter.since = wanted.since
        filter.until = wanted.until
        if let text = wanted.channel {
            guard let channel = try await channel(text) else { return [] }
            filter.channel = channel
        }
        if let text = wanted.decision {
            guard let decision = AuditDecision(rawValue: text) else { return [] }
            filter.decision = decision
        }
        if let text = wanted.call {
            guard let call = CallID(text) else { return [] }
            filter.call = call
        }
        let entries = try await audit.rows(matching: filter)
        let names = try await people.names()
        return (wanted.newestFirst ? entries.reversed() : entries).map { Self.json($0, names) }
    }

    func verify(lines: [String]) async throws -> JSONObject {
        let witnessed: [AuditCheckpoint]?
        do {
            witnessed = try witness.checkpoints()
        } catch let error as StartError {
            // Not passed over: without its witness the audit proves less than it seems to.
            throw ChatError(.unavailable, error.description)
        }
        let given = lines.compactMap { AuditCheckpoint(line: $0) }
        let verification = try await audit.verify(key: key, witnessed: (witnessed ?? []) + given)
        var answer: JSONObject = [
            "ok": .bool(verification.isWhole), "rows": .int(verification.rows),
            "provable_to": .int(verification.provableTo), "signed_to": .int(verification.signedTo),
            "pruned_to": .int(verification.prunedTo), "witnessed_to": .int(witnessed?.map(\.sequence).max() ?? 0),
            "given_checkpoints": .int(Int64(given.count)), "key": .string(key.hex),
        ]
        if let problem = verification.problems.first {
            answer["problem"] = .string(problem.description)
            answer["problems"] = .array(verification.problems.map { .string($0.description) })
        }
        return answer
    }

    func witnesses() async throws -> [JSONObject] {
        await (notary?.witnessStates() ?? []).map { state in
            ["name": .string(state.name), "failure": state.failure.map { .string($0) } ?? .null]
        }
    }

    func match(row: Int64, pointer text: String, value: String, by person: PersonID) async throws -> JSONObject {
        guard let pointer = JSONPointer(text) else {
            throw ConsoleError(.badRequest, "\(text.prefix(60)) is no JSON Pointer such as /password.")
        }
        var filter = Audit.AuditFilter()
        (filter.after, filter.limit) = (row - 1, 1)
        guard let entry = try await audit.rows(matching: filter).first, entry.sequence == row,
            let stored = entry.arguments?.objectValue.flatMap({ pointer.value(in: $0) })
        else { throw ConsoleError(.notFound, "Row \(row) has nothing at \(text.prefix(100)).") }
        // As it was typed, without the line's end that a shell adds, and as the JSON it may be.
        var candidates: [JSONValue] = [.string(value)]
        if value.hasSuffix("\n") { candidates.append(.string(String(value.dropLast()))) }
        if let json = try? JSONValue(parsing: Array(value.utf8)) { candidates.append(json) }
        let isMatch = candidates.contains { stored == $0 || stored == redaction.stand(for: $0) }
        // Whoever tries values one after the other leaves a trace.
        try await audit.event(
            "audit.matched", subject: AuditSubject(requester: person),
            details: ["row": .int(row), "at": .string(text.cut(to: 256)), "match": .bool(isMatch)])
        return ["match": .bool(isMatch), "redacted": .bool(stored["redacted"]?.stringValue != nil)]
    }

    private func channel(_ text: String) async throws -> ChannelID? {
        if let id = ChannelID(text), try await database.channel(id) != nil { return id }
        return try await database.channel(named: text)?.id
    }

    private static func json(_ entry: AuditEntry, _ names: [PersonID: String]) -> JSONObject {
        var row: JSONObject = [
            "seq": .int(entry.sequence), "at": .string(entry.at.rfc3339), "kind": .string(entry.kind),
            "digest": .string(entry.digest),
        ]
        let texts: [(String, String?)] = [
            ("event", entry.kind == "event" ? entry.event : nil),
            ("outcome", entry.kind == "outcome" ? entry.event : nil),
            ("person", entry.requesterName ?? entry.requester),
            ("on_behalf_by", entry.onBehalfBy.map { id in PersonID(id).flatMap { names[$0] } ?? id }),
            ("channel", entry.channel), ("conversation", entry.conversation), ("session", entry.session),
            ("call", entry.call), ("tool", entry.tool), ("decision", entry.decision), ("rule", entry.rule),
            ("policy", entry.policyDigest), ("result_digest", entry.resultDigest), ("error", entry.error),
        ]
        for (key, value) in texts { if let value { row[key] = .string(value) } }
        if let bytes = entry.resultBytes { row["result_bytes"] = .int(bytes) }
        if let arguments = entry.arguments { row["arguments"] = arguments }
        if let duration = entry.duration { row["duration_ms"] = .double(duration / .milliseconds(1)) }
        if let details = entry.details?.objectValue {
            let rest = details.filter { $0.key != "arguments" && $0.key != "error" }
            if !rest.isEmpty { row["details"] = .object(JSONObject(rest.map { ($0.key, $0.value) })) }
        }
        return row
    }
}
