internal import MCP
package import ToolServers

extension TaskServer {
    package static let declared: [RegisteredTool] = [
        tool(
            "check_schedule",
            "Tells in words what a schedule means, and its next five times; changes nothing. Use it first, and "
                + "tell the person those times.",
            properties: ["schedule": schedule], required: ["schedule"]),
        tool(
            "schedule_task",
            "Makes a task of the requester's: work that begins by itself, at times or when something happens. Say "
                + "what it is to do so that it can be done without this conversation: a run knows nothing of it.",
            properties: fields.merging(
                [
                    "first_run_now": [
                        "type": "boolean",
                        "description": "Runs once at once, so that the requester sees what it does.",
                    ]
                ]
            ) { $1 }, required: ["name", "prompt", "schedule"]),
        tool(
            "list_tasks", "Lists the requester's tasks, with their next times.",
            properties: ["ended": ["type": "boolean", "description": "Those that are over too."]]),
        tool(
            "update_task", "Changes a task; what is not given stays.", properties: fields.merging(task) { $1 },
            required: ["task"]),
        tool(
            "pause_task", "Stops a task until it is resumed.",
            properties: task.merging(["reason": ["type": "string", "maxLength": 200]]) { $1 }, required: ["task"]),
        tool("resume_task", "Lets a paused task run again, from now on.", properties: task, required: ["task"]),
        tool("cancel_task", "Ends a task for good; its history stays.", properties: task, required: ["task"]),
        tool(
            "run_task_now", "Runs a task once, now, whatever its schedule says.", properties: task, required: ["task"]),
        tool(
            "task_history", "Lists the runs of a task, newest first: why each began, how it ended, what it cost.",
            properties: task.merging(["limit": ["type": "integer", "minimum": 1, "maximum": 100]]) { $1 },
            required: ["task"]),
    ]

    private static func tool(
        _ name: String, _ description: String, properties: [String: JSONValue], required: [String] = []
    ) -> RegisteredTool {
        RegisteredTool(
            tool: Tool(
                name: name, description: description,
                inputSchema: [
                    "type": "object",
                    "properties": .object(JSONObject(properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })),
                    "required": .array(required.map { .string($0) }), "additionalProperties": false,
                ]),
            effect: BuiltInTool.named(name).effect, server: "tasks", isHarness: false)
    }

    private static let task: [String: JSONValue] = ["task": ["type": "string", "description": "Its id or its name."]]

    private static let schedule: JSONValue = [
        "type": "object",
        "description": .string(
            #"One of {"kind":"cron","expression":"0 9 * * 1-5","zone":"Europe/Berlin"}, {"kind":"interval","seconds":3600}, "#
                + #"{"kind":"once","at":"2027-01-31T09:00:00+01:00","zone":"Europe/Berlin"}, {"kind":"event","on":"webhook"}, "#
                + #"{"kind":"event","on":"message","channel":"ID","pattern":"deploy*failed"}, "#
                + #"{"kind":"event","on":"task","task":"ID","outcomes":["failed"]}. Cron has five fields; the zone is the person's."#
        ),
    ]

    private static let fields: [String: JSONValue] = [
        "name": ["type": "string", "maxLength": 80],
        "prompt": ["type": "string", "description": "What it is to do, each time."],
        "schedule": schedule,
        "channel": ["type": "string", "description": "Where it reports: a channel's name, or direct. Default: here."],
        "context": [
            "type": "string", "enum": ["isolated", "thread"],
            "description":
                "isolated (default): each run is a conversation of its own; thread: runs are said in this one.",
        ],
        "mode": ["type": "string", "enum": ["auto", "acceptEdits", "readOnly"]],
        "tier": [
            "type": "string", "enum": ["fast", "balanced", "best"], "description": "Default fast, the cheapest.",
        ],
        "missed": [
            "type": "string",
            "description": "What becomes of times that passed while nothing ran: runOnce (default), skip, runAll:N.",
        ],
        "retry": [
            "type": "integer", "minimum": 0, "maximum": 10, "description": "Repetitions after a failure; default 3.",
        ],
        "on_crash": ["type": "string", "enum": ["resume", "fail"]],
        "deadline_minutes": ["type": "integer", "minimum": 1, "maximum": 360],
        "jitter_seconds": ["type": "integer", "minimum": 0, "maximum": 3600],
        "check": [
            "type": "string",
            "description": .string(
                "A bash script that is run in the sandbox before each run (30 s, 1 MB) and prints {\"wakeAgent\": true or false, "
                    + "\"data\": …}: where it says false, no model is asked. data comes with the prompt."),
        ],
        "monitor": [
            "type": "object",
            "description": .string(
                "Only with a check: its data is a snapshot, and the task runs only where that has changed since the person was "
                    + "told last. Members, all optional: ignore, new_items_only (lists of paths such as /hosts/*/seen), "
                    + "thresholds (path to smallest step), quiet_hours (22:00-07:00), zone, cooldown_minutes."),
        ],
        "budget_usd": ["type": "number", "description": "The most one run may cost."],
    ]
}
