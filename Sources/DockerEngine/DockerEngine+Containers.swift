package import MCP
internal import NIOCore
internal import NIOHTTP1

extension DockerEngine {
    /// `definition` is the body of `POST /containers/create`. Returns the new container's id.
    package func createContainer(named name: String, _ definition: JSONObject) async throws -> String {
        let answer = try await call(
            EngineRequest(
                method: .POST, path: "/containers/create", query: [("name", name)], body: .json(.object(definition))))
        guard let id = answer["Id"]?.stringValue else {
            throw EngineError(.badAnswer, "POST /containers/create: no id in the answer")
        }
        return id
    }

    /// No error where it runs already.
    package func startContainer(_ id: String) async throws {
        try await call(EngineRequest(method: .POST, path: "/containers/\(id)/start", deadline: .seconds(60)))
    }

    /// SIGTERM, and SIGKILL after `grace`. No error where it has ended already.
    package func stopContainer(_ id: String, grace: Duration) async throws {
        let seconds = max(0, grace.components.seconds)
        try await call(
            EngineRequest(
                method: .POST, path: "/containers/\(id)/stop", query: [("t", String(seconds))],
                deadline: grace + .seconds(30)))
    }

    /// SIGKILL.
    package func killContainer(_ id: String) async throws {
        try await call(EngineRequest(method: .POST, path: "/containers/\(id)/kill"))
    }

    /// Kills it first where it runs, and removes its anonymous volumes. No error where there is none.
    package func removeContainer(_ id: String) async throws {
        do {
            try await call(
                EngineRequest(
                    method: .DELETE, path: "/containers/\(id)", query: [("force", "1"), ("v", "1")],
                    deadline: .seconds(60)))
        } catch let error as EngineError where error.code == .noSuchContainer {
        } catch let error as EngineError where error.code == .conflict {
            // "removal of container … is already in progress": done when it is gone.
            try await waitContainer(id, condition: "removed", deadline: .seconds(60))
        }
    }

    /// Returns the exit code once the container does not run (or is `removed`).
    @discardableResult
    package func waitContainer(
        _ id: String, condition: String = "not-running", deadline: Duration
    ) async throws -> Int {
        do {
            let answer = try await call(
                EngineRequest(
                    method: .POST, path: "/containers/\(id)/wait", query: [("condition", condition)],
                    deadline: deadline))
            return Int(answer["StatusCode"]?.intValue ?? -1)
        } catch let error as EngineError where error.code == .noSuchContainer && condition == "removed" {
            return 0
        }
    }

    package func inspectContainer(_ id: String) async throws -> JSONValue {
        try await call(EngineRequest(method: .GET, path: "/containers/\(id)/json"))
    }

    /// Every container with all of `labels`, ended ones too.
    package func listContainers(labels: [String]) async throws -> [ContainerSummary] {
        let filters: JSONValue = ["label": .array(labels.map { .string($0) })]
        let answer = try await call(
            EngineRequest(
                method: .GET, path: "/containers/json", query: [("all", "1"), ("filters", filters.text)],
                maximumAnswer: 64 << 20))
        return (answer.arrayValue ?? []).compactMap(ContainerSummary.init)
    }

    /// Memory as the cgroup counts it, now.
    package func containerMemory(_ id: String) async throws -> ContainerMemory {
        let answer = try await call(
            EngineRequest(
                method: .GET, path: "/containers/\(id)/stats", query: [("stream", "0"), ("one-shot", "1")]))
        guard let memory = answer["memory_stats"], let usage = memory["usage"]?.intValue else {
            throw EngineError(.noSuchContainer, "container \(id) does not run: it has no memory to count")
        }
        // cgroup v1 counts the hierarchy under total_*, v2 has the plain names. `cache` and `file` would count tmpfs too.
        let counters = memory["stats"]
        func counter(_ name: String) -> Int64 {
            counters?["total_\(name)"]?.intValue ?? counters?[name]?.intValue ?? 0
        }
        return ContainerMemory(
            bytes: usage, pageCacheBytes: counter("active_file") &+ counter("inactive_file"),
            limitBytes: memory["limit"]?.intValue ?? 0)
    }
}

package struct ContainerSummary: Sendable {
    package let id: String
    package let name: String
    /// `created`, `running`, `exited`, …
    package let state: String
    package let labels: [String: String]

    init?(_ value: JSONValue) {
        guard let id = value["Id"]?.stringValue else { return nil }
        self.id = id
        let first = value["Names"]?[0]?.stringValue ?? ""
        name = first.hasPrefix("/") ? String(first.dropFirst()) : first
        state = value["State"]?.stringValue ?? ""
        var labels: [String: String] = [:]
        for (key, text) in value["Labels"]?.objectValue ?? JSONObject() { labels[key] = text.stringValue }
        self.labels = labels
    }
}

package struct ContainerMemory: Sendable {
    package let bytes: Int64
    package let pageCacheBytes: Int64
    package let limitBytes: Int64
}
