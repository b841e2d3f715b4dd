/// When the operator's hooks are asked.
package enum HookEvent: String, CaseIterable, Sendable {
    /// A person's message, before it is stored.
    case messageIn = "message_in"
    case sessionStart = "session_start"
    /// A tool call, before it is decided.
    case toolBefore = "tool_before"
    /// Its result, before the agent sees it.
    case toolAfter = "tool_after"
    /// An answer, before people see it.
    case messageOut = "message_out"
    case sessionEnd = "session_end"

    /// Whether what is asked about does not happen where a hook fails.
    package var failsClosed: Bool { self == .messageIn || self == .toolBefore || self == .messageOut }

    /// What an answer may have beside its decision.
    var members: Set<String> {
        switch self {
        case .messageIn, .messageOut, .toolAfter: ["reason", "text", "note"]
        case .toolBefore: ["reason", "approvers", "arguments", "note"]
        case .sessionStart: ["reason"]
        case .sessionEnd: []
        }
    }

    var decisions: [HookAnswer.Decision] {
        switch self {
        case .toolBefore: [.proceed, .ask, .deny]
        case .messageIn, .messageOut, .toolAfter, .sessionStart: [.proceed, .deny]
        case .sessionEnd: [.proceed]
        }
    }
}

/// Which hooks are asked when, in order, and what each may take.
package struct HookPlan: Sendable {
    package var hooks: [HookEvent: [String]]
    package var deadline: Duration
    /// Of standard output; a hook that prints more is ended.
    package var outputBytes: Int
    /// That run at a time; others wait.
    package var concurrent: Int

    package init(
        hooks: [HookEvent: [String]], deadline: Duration = .seconds(5), outputBytes: Int = 64 << 10,
        concurrent: Int = 8
    ) {
        self.hooks = hooks.filter { !$0.value.isEmpty }
        self.deadline = deadline
        self.outputBytes = outputBytes
        self.concurrent = concurrent
    }

    /// Each once.
    package var names: [String] { Set(hooks.values.joined()).sorted() }
}
