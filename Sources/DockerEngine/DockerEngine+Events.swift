internal import MCP
internal import NIOCore
internal import NIOHTTP1

package struct EngineEvent: Sendable {
    /// `die`, `oom`, `start`, …
    package let action: String
    package let container: String
    /// Labels, `name`, `exitCode`.
    package let attributes: [String: String]
    package let nanoseconds: Int64
}

extension DockerEngine {
    /// Hands what happens to containers with `label` to `handle`, one by one, for as long as the engine answers; the next
    /// is read when `handle` returns. Begins with what happened at `since` (seconds since 1970) or later.
    /// `connected` is called first.
    package func containerEvents(
        label: String, actions: [String], since: Int64, connected: @escaping @Sendable () async throws -> Void,
        handle: @escaping @Sendable (EngineEvent) async throws -> Void
    ) async throws {
        let filters: JSONValue = [
            "type": ["container"], "label": [.string(label)], "event": .array(actions.map { .string($0) }),
        ]
        let request = EngineRequest(
            method: .GET, path: "/events", query: [("filters", filters.text), ("since", String(since))],
            deadline: .seconds(365 * 86_400))
        try await exchange(request, version: try await spokenVersion()) { body in
            try await connected()
            var lines = JSONLines()
            while let chunk = try await body.next() {
                for line in try lines.take(chunk) {
                    guard let action = line["Action"]?.stringValue, let id = line["Actor"]?["ID"]?.stringValue else {
                        continue
                    }
                    var attributes: [String: String] = [:]
                    for (key, text) in line["Actor"]?["Attributes"]?.objectValue ?? JSONObject() {
                        attributes[key] = text.stringValue
                    }
                    try await handle(
                        EngineEvent(
                            action: action, container: id, attributes: attributes,
                            nanoseconds: line["timeNano"]?.intValue ?? 0))
                }
            }
        }
    }
}
