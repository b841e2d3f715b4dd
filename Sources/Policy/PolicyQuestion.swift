package import MCP
package import Model

/// All a decision depends on. Of it only the tool's name and the arguments are the agent's.
package struct PolicyQuestion: Hashable, Sendable {
    package var tool: String
    package var arguments: JSONObject
    package var effect: Effect
    package var runsCommands: Bool
    package var mode: Mode
    package var role: Role
    package var requester: PersonID
    package var requesterName: String
    package var channel: ChannelID
    package var audience: Audience
    package var labels: Labels
    package var time: Timestamp

    package init(
        tool: String, arguments: JSONObject = [:], effect: Effect, runsCommands: Bool = false, mode: Mode, role: Role,
        requester: PersonID, requesterName: String, channel: ChannelID, audience: Audience? = nil, labels: Labels = [],
        time: Timestamp = WallClock.system.now()
    ) {
        self.tool = tool
        self.arguments = arguments
        self.effect = effect
        self.runsCommands = runsCommands
        self.mode = mode
        self.role = role
        self.requester = requester
        self.requesterName = requesterName
        self.channel = channel
        self.audience = audience ?? .channel(channel)
        self.labels = labels
        self.time = time
    }

    /// Both outside content and private data have been seen, and others would feel what is done: a person decides it.
    package var isUnderRuleOfTwo: Bool {
        labels.isSuperset(of: [.untrusted, .private]) && effect == .external
    }
}
