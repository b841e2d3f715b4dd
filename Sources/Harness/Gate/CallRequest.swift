package import MCP
package import Model
package import Policy

/// A tool call of an agent, with everything the harness knows about it. Only `tool` and `arguments` are the agent's.
package struct CallRequest: Sendable {
    package var id: CallID
    package var session: SessionID
    package var conversation: ConversationID
    package var channel: ChannelID
    package var requester: PersonID
    package var requesterName: String
    package var role: Role
    package var mode: Mode
    package var labels: Labels
    package var audience: Audience
    /// The admin who speaks for the requester, where one does.
    package var onBehalfBy: PersonID?
    package var tool: String
    package var arguments: JSONObject
    /// What people said to this very call, where they were asked before.
    package var answered: AnsweredQuestion?
    /// The session's marks around what comes from outside.
    package var boundary: Boundary
    /// The task whose run this is, where it is one's.
    package var task: TaskStanding?
    /// What the operator's hooks said of it, once they were asked.
    package var hooks = HookFindings()

    package init(
        id: CallID, session: SessionID, conversation: ConversationID, channel: ChannelID, requester: PersonID,
        requesterName: String, role: Role, mode: Mode, labels: Labels, audience: Audience,
        onBehalfBy: PersonID? = nil, tool: String, arguments: JSONObject,
        boundary: Boundary = Boundary()
    ) {
        self.id = id
        self.session = session
        self.conversation = conversation
        self.channel = channel
        self.requester = requester
        self.requesterName = requesterName
        self.role = role
        self.mode = mode
        self.labels = labels
        self.audience = audience
        self.onBehalfBy = onBehalfBy
        self.tool = tool
        self.arguments = arguments
        self.boundary = boundary
    }
}

/// What the gate has to know of the task a call is made for. The harness's, as all of a request but tool and arguments.
package struct TaskStanding: Hashable, Sendable {
    package let task: TaskID
    /// Of what the run was begun with: permits given to another version of the task are none for it.
    package let digest: String
    /// The owner's role when the task was made: a run never has more.
    package let ceiling: Role

    package init(task: TaskID, digest: String, ceiling: Role) {
        self.task = task
        self.digest = digest
        self.ceiling = ceiling
    }
}

/// What a call came to: for the agent (`result`), and for those who show it.
package struct GateResult: Sendable {
    package enum Outcome: String, Sendable {
        case done, failed, denied, cancelled
        /// People are asked, and the call does not wait for them.
        case suspended = "waiting"
    }

    package var result: CallToolResult
    /// The same for people: without the marks around what comes from outside.
    package var shown: CallToolResult
    package var outcome: Outcome
    /// From the call's arrival, waiting for people included.
    package var duration: Duration
    /// What the session has touched now.
    package var labels: Labels
}

/// Where a call stands, told as it happens. Must not block.
package enum GateMoment: Sendable {
    case asking(ApprovalRequest)
    /// By this call the session has come to have these labels, durably; the tool has not run yet.
    case labelled(Labels)
    case running
}

package struct GateLimits: Sendable {
    /// For a tool whose policy entry sets none.
    package var callDeadline = Duration.seconds(1800)
    /// Of a result's text, in UTF-8; what is over it is kept by the `OversizeKeeper`.
    package var resultBytes = 48 << 10
    package var headBytes = 24 << 10
    package var tailBytes = 8 << 10
    /// Of one image or other part that is no text, as it stands in the result.
    package var partBytes = 8 << 20
    /// Of canonical arguments. Larger ones are refused before anything is decided.
    package var argumentBytes = 8 << 20

    package init() {}
}
