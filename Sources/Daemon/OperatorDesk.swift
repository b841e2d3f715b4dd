internal import Audit
internal import Console
internal import Conversations
internal import Harness
internal import Hooks
internal import MCP
internal import Model
internal import Policy
internal import Slack
internal import Store
internal import ToolServers

/// The console's operations over the harness.
struct OperatorDesk: Operations {
    let conversations: ConversationService
    let audit: AuditLog
    let database: Database
    let people: People
    let hooks: HookDesk?
    let slack: SlackPlan?

    func slack(for person: PersonID) async throws -> JSONObject {
        guard let slack else { return ["state": "off"] }
        return try await slack.status(database)
    }

    func slackAdmissions(for person: PersonID) async throws -> [JSONObject] {
        let records = try await database.slackAdmissions()
        let decided = Set(records.filter { $0.kind == .channel }.map(\.id))
        let rest = try await database.slackChannels().filter { $0.kind != .direct && !decided.contains($0.id) }
        return records.map(Self.json)
            + rest.map { channel in
                [
                    "kind": "channel", "id": .string(channel.id), "label": .string(channel.name),
                    "state": channel.channel == nil ? "not decided" : "in use",
                ]
            }
    }

    func decideSlackAdmission(
        kind: String, id: String, allow: Bool, by person: PersonID
    ) async throws -> JSONObject {
        guard let slack else { throw ChatError(.conflict, "There is no Slack here.") }
        guard let kind = SlackAdmissionRecord.Kind(rawValue: kind) else {
            throw ChatError(.invalid, "kind is channel or person.")
        }
        return Self.json(try await slack.admissions.decide(kind, id, allow: allow, by: person))
    }

    private static func json(_ record: SlackAdmissionRecord) -> JSONObject {
        var object: JSONObject = [
            "kind": .string(record.kind.rawValue), "id": .string(record.id), "label": .string(record.label),
            "state": .string(record.state.rawValue), "since": .string((record.decided ?? record.asked).rfc3339),
        ]
        object["by"] = record.deciderName.map { .string($0) }
        return object
    }

    func feedback(since time: Timestamp, for person: PersonID) async throws -> [JSONObject] {
        try await database.feedback(since: time).map { record in
            var object: JSONObject = [
                "answer": .string(record.message.rawValue), "conversation": .string(record.conversation.rawValue),
                "channel": .string(record.channelName), "person": .string(record.personName),
                "value": .string(record.value.rawValue), "at": .string(record.at.rfc3339),
            ]
            object["words"] = record.words.map { .string($0) }
            return object
        }
    }

    func pauses(for person: PersonID) async throws -> [JSONObject] {
        var list: [JSONObject] = []
        for pause in try await conversations.pauses(for: person) {
            list.append([
                "scope": .string(pause.scope.kind), "name": .string(try await name(of: pause.scope)),
                "by": .string(pause.byName), "reason": .string(pause.reason), "since": .string(pause.since.rfc3339),
            ])
        }
        return list
    }

    func pause(_ target: PauseTarget, reason: String, by person: PersonID) async throws {
        try await conversations.pause(try await scope(of: target), reason: reason, by: person)
    }

    func resume(_ target: PauseTarget, by person: PersonID) async throws -> Bool {
        try await conversations.resume(try await scope(of: target), by: person)
    }

    func replay(policy text: String, since time: Timestamp, for person: PersonID) async throws -> JSONObject {
        let policy: Policy
        do {
            policy = try Policy(yaml: text, file: "policy")
        } catch {
            throw ChatError(.invalid, error.description)
        }
        let replay = try await audit.replay(policy, since: time)
        return [
            "calls": .int(Int64(replay.calls)), "unknown": .int(Int64(replay.unknown)),
            "changed": .int(Int64(replay.changed)), "changes": .array(replay.changes.map(Self.json)),
        ]
    }

    func pruneAudit(before time: Timestamp, by person: PersonID) async throws -> JSONObject {
        ["pruned_to": .int(try await Self.mapped { try await audit.prune(before: time, by: person) })]
    }

    func eraseAudit(row: Int64, reason: String, by person: PersonID) async throws {
        try await Self.mapped { try await audit.erase(row, by: person, reason: reason) }
    }

    private static func mapped<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as StoreError where error.code == .invalid {
            throw ChatError(.invalid, error.message)
        } catch let error as StoreError where error.code == .notFound {
            throw ChatError(.notFound, error.message)
        }
    }

    func hookList(for person: PersonID) async throws -> [JSONObject] {
        HookEvent.allCases.flatMap { event in
            (hooks?.hooks(for: event) ?? []).map { name in
                [
                    "name": .string(name), "event": .string(event.rawValue),
                    "denies_on_failure": .bool(event.failsClosed),
                ]
            }
        }
    }

    func testHook(_ name: String, _ facts: JSONObject, by person: PersonID) async throws -> JSONObject {
        guard let hooks, hooks.plan.names.contains(name) else {
            throw ChatError(.notFound, "No hook \(name.prefix(64)) is configured: see `bulkhead hooks list`.")
        }
        guard let event = facts["event"]?.stringValue.flatMap(HookEvent.init(rawValue:)) else {
            let known = HookEvent.allCases.map(\.rawValue).joined(separator: ", ")
            throw ChatError(.invalid, "The event needs a member `event`: one of \(known).")
        }
        var facts = facts
        for key in ["version", "event", "hook", "at"] { facts[key] = nil }
        let run = try await hooks.ask(
            name, event, about: facts, subject: AuditSubject(requester: person), isTest: true)
        var answer: JSONObject = ["ms": .int(run.milliseconds), "stderr": .string(run.errors.storable)]
        answer["exit"] = run.exit.map { .int(Int64($0)) }
        switch run.answer {
        case .failure(let failure):
            answer["decision"] = "failed"
            answer["error"] = .string(failure.description)
        case .success(let said):
            answer["decision"] = .string(said.decision.rawValue)
            if !said.reason.isEmpty { answer["reason"] = .string(said.reason) }
            answer["text"] = said.text.map { .string($0) }
            answer["arguments"] = said.arguments.map { .object($0) }
            answer["note"] = said.note.map { .string($0) }
        }
        return answer
    }

    private static func json(_ change: PolicyReplay.Change) -> JSONValue {
        .object([
            "seq": .int(change.call.sequence), "at": .string(change.call.at.rfc3339),
            "person": .string(change.call.requesterName ?? ""), "tool": .string(change.call.tool ?? ""),
            "arguments": change.call.arguments ?? .null, "before": .string(change.before),
            "after": .string(change.after.word), "rule": .string(change.after.rule.name),
            "line": change.after.rule.line.map { .int(Int64($0)) } ?? .null,
        ])
    }

    /// Also somebody who may not come in any more: what still runs for him can be stopped.
    private func scope(of target: PauseTarget) async throws -> PauseScope {
        switch target {
        case .all: return .all
        case .tool(let name):
            guard BuiltInTool.all[name] != nil else {
                let known = BuiltInTool.all.keys.sorted().joined(separator: ", ")
                throw ChatError(.notFound, "There is no tool \(name.prefix(64)). There are: \(known).")
            }
            return .tool(name)
        case .person(let name):
            if let person = try await people.whoever(named: name) { return .person(person) }
            throw ChatError(.notFound, "There is nobody called \(name.prefix(64)).")
        case .channel(let name):
            if let id = ChannelID(name), try await database.channel(id) != nil { return .channel(id) }
            guard let channel = try await database.channel(named: name) else {
                throw ChatError(.notFound, "There is no channel \(name.prefix(80)).")
            }
            return .channel(channel.id)
        }
    }

    private func name(of scope: PauseScope) async throws -> String {
        switch scope {
        case .all: ""
        case .tool(let name): name
        case .person(let id): try await database.person(id)?.name ?? id.rawValue
        case .channel(let id): try await database.channel(id)?.name ?? id.rawValue
        }
    }
}

extension PauseScope {
    fileprivate var kind: String {
        switch self {
        case .all: "all"
        case .person: "person"
        case .channel: "channel"
        case .tool: "tool"
        }
    }
}
