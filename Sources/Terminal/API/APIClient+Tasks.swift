package import MCP

extension APIClient {
    package func tasks(all: Bool = false, ended: Bool = false) async throws -> JSONValue {
        try await get("/api/tasks", [("all", all ? "true" : nil), ("ended", ended ? "true" : nil)]).value
    }

    /// `name`: an id, or the name of one of one's own.
    package func task(_ name: String) async throws -> JSONValue {
        try await get("/api/tasks/\(try await taskID(name))").value
    }

    package func createTask(_ fields: JSONObject) async throws -> JSONValue {
        try await post("/api/tasks", fields).value
    }

    package func previewTask(_ fields: JSONObject) async throws -> JSONValue {
        try await post("/api/tasks/preview", fields).value
    }

    package func updateTask(_ name: String, _ fields: JSONObject) async throws -> JSONValue {
        try await post("/api/tasks/\(try await taskID(name))", fields).value
    }

    package func taskAction(_ action: String, _ name: String, _ body: JSONObject = [:]) async throws -> JSONValue {
        try await post("/api/tasks/\(try await taskID(name))/\(action)", body).value
    }

    private func taskID(_ name: String) async throws -> String {
        let tasks = try await tasks()["tasks"]?.arrayValue ?? []
        let found = tasks.first { $0["id"]?.stringValue == name || $0["name"]?.stringValue == name }
        return PercentEncoding.encode(found?["id"]?.stringValue ?? name)
    }
}
