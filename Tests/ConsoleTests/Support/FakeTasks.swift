import Console
import Conversations
import MCP
import Model
import Synchronization

/// One task; remembers what was asked of it.
final class FakeTasks: TaskOperations {
    private let deeds = Mutex<[String]>([])

    var asked: [String] { deeds.withLock { $0 } }

    private func note(_ deed: String) { deeds.withLock { $0.append(deed) } }

    private static let task: JSONObject = [
        "id": "t1", "name": "Morning <b>report</b>", "owner": "Ada Lovelace", "state": "active",
        "when": "every weekday at 09:00, Europe/Berlin", "channel": "direct",
        "prompt": "Sum up <script>alert(1)</script>",
        "next": ["2026-11-23T09:00:00+01:00", "2026-11-24T09:00:00+01:00"],
    ]

    func tasks(all: Bool, ended: Bool, for person: PersonID) async throws -> [JSONObject] {
        if all, person != FakeChat.ada { throw ChatError(.forbidden, "Only admins see everybody's tasks.") }
        note("list \(all) \(ended)")
        return [Self.task]
    }

    func task(_ text: String, for person: PersonID) async throws -> JSONObject {
        guard text == "t1" else { throw ChatError(.notFound, "There is no such task.") }
        var task = Self.task
        task["runs"] = [
            [
                "id": "r1", "task": "t1", "cause": "schedule", "due": "2026-11-20T08:00:00Z", "attempt": 2,
                "state": "failed", "reason": "the <i>disk</i> is full", "delivery": "none", "microdollars": 1200,
                "model_calls": 1, "seconds": 2.5, "conversation": "c-home",
            ]
        ]
        task["allowed"] = []
        return task
    }

    func create(_ fields: JSONObject, by person: PersonID) async throws -> JSONObject {
        note("create \(JSONValue.object(fields).text)")
        return Self.task
    }

    func preview(_ fields: JSONObject, by person: PersonID) async throws -> JSONObject {
        guard fields["schedule"]?["expression"] != "61 * * * *" else {
            throw ChatError(.invalid, "A minute is 0 to 59.")
        }
        return ["name": "x", "when": "every day at 08:00, UTC", "next": ["2026-11-23T08:00:00+00:00"]]
    }

    func update(_ text: String, _ fields: JSONObject, by person: PersonID) async throws -> JSONObject {
        note("update \(text)")
        return Self.task
    }

    func perform(
        _ action: TaskAction, _ text: String, reason: String, by person: PersonID
    ) async throws -> JSONObject {
        note("\(action.rawValue) \(text)")
        return Self.task
    }

    func webhook(_ text: String, renewed: Bool, by person: PersonID) async throws -> JSONObject {
        note("webhook \(renewed)")
        return ["key": "k", "path": "/webhooks/tasks/t1"]
    }

    func called(_ task: TaskID, body: [UInt8], timestamp: String, signature: String) async throws -> Bool {
        guard signature == "v1=good" else { throw ChatError(.notFound, "There is no such address.") }
        note("called \(task) \(String(decoding: body, as: UTF8.self))")
        return true
    }
}
