import Console
import Conversations
import MCP
import Model
import Synchronization

/// Operations in memory, remembering for whom they were asked.
final class FakeOperations: Operations {
    private struct State {
        var pauses: [(target: PauseTarget, reason: String, by: PersonID)] = []
        var replays: [(text: String, since: Timestamp, by: PersonID)] = []
        var prunes: [(before: Timestamp, by: PersonID)] = []
    }

    private let state = Mutex(State())

    var paused: [PauseTarget] { state.withLock { $0.pauses.map(\.target) } }
    var replays: [(text: String, since: Timestamp, by: PersonID)] { state.withLock { $0.replays } }
    var prunes: [(before: Timestamp, by: PersonID)] { state.withLock { $0.prunes } }

    func pauses(for person: PersonID) async throws -> [JSONObject] {
        state.withLock { state in
            state.pauses.map { pause in
                let (scope, name) = Self.words(pause.target)
                return [
                    "scope": .string(scope), "name": .string(name), "by": "Ada Lovelace",
                    "reason": .string(pause.reason), "since": "2026-11-22T15:22:07.123Z",
                ]
            }
        }
    }

    func pause(_ target: PauseTarget, reason: String, by person: PersonID) async throws {
        if target == .tool("bosh") { throw ChatError(.notFound, "There is no tool bosh. There are: bash.") }
        state.withLock { $0.pauses.append((target, reason, person)) }
    }

    func resume(_ target: PauseTarget, by person: PersonID) async throws -> Bool {
        state.withLock { state in
            guard let index = state.pauses.firstIndex(where: { $0.target == target }) else { return false }
            state.pauses.remove(at: index)
            return true
        }
    }

    func replay(policy text: String, since time: Timestamp, for person: PersonID) async throws -> JSONObject {
        state.withLock { $0.replays.append((text, time, person)) }
        return ["calls": 3, "unknown": 0, "changed": 0, "changes": .array([])]
    }

    func pruneAudit(before time: Timestamp, by person: PersonID) async throws -> JSONObject {
        state.withLock { $0.prunes.append((time, person)) }
        return ["pruned_to": 7]
    }

    func slackAdmissions(for person: PersonID) async throws -> [JSONObject] { [] }
    func decideSlackAdmission(
        kind: String, id: String, allow: Bool, by person: PersonID
    ) async throws -> JSONObject { ["kind": .string(kind), "id": .string(id), "state": allow ? "allowed" : "refused"] }
    func feedback(since time: Timestamp, for person: PersonID) async throws -> [JSONObject] {
        time.milliseconds > 7 ? [] : [["answer": "m1", "person": "Ada", "value": "bad", "words": "too long"]]
    }
    func acceptSecurity(digest: String, isFirst: Bool, changes: [String], by person: PersonID) async throws {}
    func labels(for person: PersonID) async throws -> [JSONObject] { [] }
    func clearLabels(of volume: String, reason: String, by person: PersonID) async throws {}
    func eraseAudit(row: Int64, reason: String, by person: PersonID) async throws {}
    func hookList(for person: PersonID) async throws -> [JSONObject] { [] }
    func slack(for person: PersonID) async throws -> JSONObject { ["state": "off"] }
    func testHook(_ name: String, _ event: JSONObject, by person: PersonID) async throws -> JSONObject { [:] }

    private static func words(_ target: PauseTarget) -> (String, String) {
        switch target {
        case .all: ("all", "")
        case .person(let name): ("person", name)
        case .channel(let name): ("channel", name)
        case .tool(let name): ("tool", name)
        }
    }
}
