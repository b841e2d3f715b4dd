internal import Console
internal import Conversations
internal import MCP
internal import Model
internal import Scheduler
internal import Store

/// The console's tasks over the scheduler.
struct TaskOperator: TaskOperations {
    let desk: TaskDesk
    let keys: WebhookKeys
    let clock: WallClock

    func tasks(all: Bool, ended: Bool, for person: PersonID) async throws -> [JSONObject] {
        try await mapped {
            try await desk.tasks(for: person, all: all, includingEnded: ended).map { $0.json(now: clock.now()) }
        }
    }

    func task(_ text: String, for person: PersonID) async throws -> JSONObject {
        try await mapped { try await shown(try await desk.find(text, for: person), for: person) }
    }

    func create(_ fields: JSONObject, by person: PersonID) async throws -> JSONObject {
        try await mapped {
            var fields = fields
            let isTried = fields["first_run_now"]?.boolValue ?? false
            fields["first_run_now"] = nil
            return try await desk.create(fields, for: person, by: .person, isTried: isTried).json(
                now: clock.now(), next: 5)
        }
    }

    func preview(_ fields: JSONObject, by person: PersonID) async throws -> JSONObject {
        try await mapped { try await desk.preview(fields, for: person) }
    }

    func update(_ text: String, _ fields: JSONObject, by person: PersonID) async throws -> JSONObject {
        try await mapped {
            let task = try await desk.find(text, for: person)
            return try await desk.update(task.id, fields, for: person, by: .person).json(now: clock.now(), next: 5)
        }
    }

    func perform(
        _ action: TaskAction, _ text: String, reason: String, by person: PersonID
    ) async throws -> JSONObject {
        try await mapped {
            let task = try await desk.find(text, for: person)
            switch action {
            case .pause: return try await desk.pause(task.id, by: person, reason: reason).json(now: clock.now())
            case .resume: return try await desk.resume(task.id, by: person).json(now: clock.now(), next: 5)
            case .cancel: return try await desk.cancel(task.id, by: person).json(now: clock.now())
            case .run: return try await desk.runNow(task.id, by: person).json
            case .approve:
                return ["allowed": .array(try await desk.approve(task.id, by: person).map { .object(Self.json($0)) })]
            case .revoke: return ["revoked": .int(Int64(try await desk.revokePermits(task.id, by: person)))]
            }
        }
    }

    func webhook(_ text: String, renewed: Bool, by person: PersonID) async throws -> JSONObject {
        try await mapped {
            let task = try await desk.find(text, for: person)
            let key = try await desk.webhookKey(task.id, renewed: renewed, keys: keys, by: person)
            return ["key": .string(key), "path": .string("/webhooks/tasks/\(task.id)")]
        }
    }

    func called(_ task: TaskID, body: [UInt8], timestamp: String, signature: String) async throws -> Bool {
        try await mapped {
            try await desk.called(task, body: body, timestamp: timestamp, signature: signature, keys: keys)
        }
    }

    private func shown(_ task: TaskRecord, for person: PersonID) async throws -> JSONObject {
        var object = task.json(now: clock.now(), next: 5)
        object["runs"] = .array(try await desk.history(task.id, for: person).map { .object($0.json) })
        object["allowed"] = .array(try await desk.permits(task.id, for: person).map { .object(Self.json($0)) })
        return object
    }

    private static func json(_ permit: TaskPermitRecord) -> JSONObject {
        [
            "tool": .string(permit.tool), "to": .string(permit.destination), "rule": .string(permit.rule),
            "since": .string(permit.created.rfc3339),
        ]
    }

    private func mapped<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let problem as TaskProblem {
            throw ChatError(ChatError.Code(problem.code), problem.sentence)
        }
    }
}

extension ChatError.Code {
    fileprivate init(_ code: TaskProblem.Code) {
        self =
            switch code {
            case .invalid: .invalid
            case .notFound: .notFound
            case .forbidden: .forbidden
            case .conflict: .conflict
            }
    }
}
