internal import MCP

/// The API as an OpenAPI document, from the routers that serve it; what bodies hold is said for tasks, whose routes other
/// programs use most.
struct OpenAPIDocument {
    let routes: [(method: String, path: String)]

    /// Of a door's routes, named `GET /api/me`.
    init(_ door: ConsoleDoor) {
        routes = door.routes.compactMap { route in
            let parts = route.name.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[1].hasPrefix("/api/") else { return nil }
            return (parts[0].lowercased(), String(parts[1]))
        }
    }

    var json: JSONObject {
        var paths: [String: JSONObject] = [:]
        for (method, path) in routes { paths[path, default: [:]][method] = .object(operation(method, path)) }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Bulkhead", "version": "1", "description": "Errors are {\"error\": {\"code\", \"message\"}}.",
            ],
            "paths": .object(JSONObject(paths.sorted { $0.key < $1.key }.map { ($0.key, .object($0.value)) })),
            "components": ["schemas": .object(Self.schemas)],
        ]
    }

    private func operation(_ method: String, _ path: String) -> JSONObject {
        let known = Self.known["\(method) \(path)"]
        var operation: JSONObject = [
            "operationId": .string(Self.identifier(method, path)),
            "responses": [
                "2XX": ["description": "Done.", "content": Self.content(known?.answer)],
                "4XX": ["description": "Refused, with a sentence for people.", "content": Self.content("Error")],
            ],
        ]
        operation["summary"] = known.map { .string($0.summary) }
        let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
        if !names.isEmpty {
            operation["parameters"] = .array(
                names.map {
                    ["name": .string(String($0)), "in": "path", "required": true, "schema": ["type": "string"]]
                })
        }
        if let body = known?.body { operation["requestBody"] = ["required": true, "content": Self.content(body)] }
        return operation
    }

    private static func content(_ schema: String?) -> JSONValue {
        let value: JSONValue = schema.map { ["$ref": .string("#/components/schemas/\($0)")] } ?? ["type": "object"]
        return ["application/json": ["schema": value]]
    }

    /// `getTasksId`.
    private static func identifier(_ method: String, _ path: String) -> String {
        path.split { !$0.isLetter && !$0.isNumber }.dropFirst().reduce(method) { name, part in
            name + part.prefix(1).uppercased() + part.dropFirst()
        }
    }

    private static let known: [String: (summary: String, body: String?, answer: String?)] = [
        "get /api/tasks": (
            "Lists tasks: one's own, with all=true everybody's (for admins), with ended=true those that are over too.",
            nil, "Tasks"
        ),
        "post /api/tasks": ("Makes a task.", "NewTask", "Task"),
        "post /api/tasks/preview": ("Says when such a task would run; makes nothing.", "NewTask", nil),
        "get /api/tasks/{id}": (
            "Shows a task, its next five times, its last runs, and what it is allowed.", nil, "Task"
        ),
        "post /api/tasks/{id}": ("Changes a task; what is not given stays.", "TaskFields", "Task"),
        "post /api/tasks/{id}/pause": ("Stops a task until it is resumed.", "Reason", "Task"),
        "post /api/tasks/{id}/resume": ("Lets a paused task run again, from now on.", "Reason", "Task"),
        "post /api/tasks/{id}/cancel": ("Ends a task for good.", "Reason", "Task"),
        "post /api/tasks/{id}/run": ("Runs a task once, now.", "Reason", "Run"),
        "post /api/tasks/{id}/approve": (
            "Allows the task, as it is, what its last run did after asking.", "Reason", nil
        ),
        "post /api/tasks/{id}/revoke": ("Takes that back.", "Reason", nil),
        "post /api/tasks/{id}/webhook": (
            "Shows the key with which its address is called; renew makes another.", "Renew", nil
        ),
    ]

    private static let text: JSONValue = ["type": "string"]

    private static let fields: JSONObject = [
        "name": text, "prompt": text,
        "schedule": [
            "type": "object", "required": ["kind"],
            "properties": ["kind": ["enum": ["cron", "interval", "once", "event"]]],
        ],
        "channel": text, "context": ["enum": ["isolated", "thread"]], "conversation": text,
        "mode": ["enum": ["auto", "acceptEdits", "readOnly", "bypassPermissions"]],
        "tier": ["enum": ["fast", "balanced", "best"]],
        "missed": text, "retry": ["type": "integer", "minimum": 0, "maximum": 10],
        "on_crash": ["enum": ["resume", "fail"]],
        "deadline_minutes": ["type": "integer", "minimum": 1, "maximum": 360],
        "jitter_seconds": ["type": "integer", "minimum": 0, "maximum": 3600], "check": text,
        "monitor": ["type": "object"],
        "budget_usd": ["type": "number"],
    ]

    private static let schemas: JSONObject = [
        "Error": [
            "type": "object", "required": ["error"],
            "properties": [
                "error": [
                    "type": "object", "required": ["code", "message"], "properties": ["code": text, "message": text],
                ]
            ],
        ],
        "Reason": ["type": "object", "properties": ["reason": text]],
        "Renew": ["type": "object", "properties": ["renew": ["type": "boolean"]]],
        "TaskFields": ["type": "object", "additionalProperties": false, "properties": .object(fields)],
        "NewTask": ["type": "object", "required": ["name", "prompt", "schedule"], "properties": .object(fields)],
        "Task": [
            "type": "object", "required": ["id", "name", "owner", "state", "when"],
            "properties": [
                "id": text, "name": text, "owner": text, "state": ["enum": ["active", "paused", "ended"]], "when": text,
                "next": ["type": "array", "items": ["type": "string", "format": "date-time"]],
                "runs": ["type": "array", "items": ["$ref": "#/components/schemas/Run"]],
            ],
        ],
        "Tasks": [
            "type": "object",
            "properties": ["tasks": ["type": "array", "items": ["$ref": "#/components/schemas/Task"]]],
        ],
        "Run": [
            "type": "object", "required": ["id", "task", "cause", "due", "state"],
            "properties": [
                "id": text, "task": text, "cause": ["enum": ["schedule", "event", "now", "trial"]],
                "due": ["type": "string", "format": "date-time"], "attempt": ["type": "integer"],
                "state": [
                    "enum": ["waiting", "checking", "running", "blocked", "succeeded", "failed", "quiet", "cancelled"]
                ],
                "delivery": ["enum": ["none", "waiting", "delivered", "failed"]], "reason": text, "conversation": text,
                "microdollars": ["type": "integer"], "model_calls": ["type": "integer"], "seconds": ["type": "number"],
            ],
        ],
    ]
}
