package import Model

/// A chat as a state machine: keys, events and results go in, lines to print and requests come out. Knows neither the
/// terminal nor the network, so that every path can be tested.
package struct ChatModel: Sendable {
    package enum Input: Sendable {
        case key(Key)
        case event(ChatEvent, conversation: String)
        case connection(isUp: Bool)
        /// The conversation cannot be followed at all.
        case followingFailed(String, conversation: String)
        case result(ChatResult)
        /// Time has passed or the terminal has another size; only the drawing changes.
        case redraw
    }

    package enum Effect: Sendable {
        case print([StyledLine])
        case perform(ChatRequest)
        case follow(conversation: String, after: Int64)
        case unfollow
        case suspend
        case leave
    }

    /// Where the chat is drawn, and when.
    package struct Frame: Sendable {
        package var columns: Int
        package var rows: Int
        package var now: ContinuousClock.Instant

        package init(columns: Int, rows: Int, now: ContinuousClock.Instant = .now) {
            self.columns = columns
            self.rows = rows
            self.now = now
        }
    }

    struct RunningTool: Sendable {
        var call: ToolCall
        let started: ContinuousClock.Instant
    }

    let account: Account
    let channel: Channel
    /// Under another person's name nobody may answer approvals.
    let isOnBehalf: Bool
    let identifiers: IdentifierSource

    package internal(set) var conversation: String?
    var mode: Mode
    var lastSequence: Int64 = 0
    var editor = LineEditor()
    var answerEditor = LineEditor()
    var sending: [ChatRequest.Submission] = []
    var isTurnRunning = false
    var state = ""
    var turnStarted: ContinuousClock.Instant?
    var draft: DraftView
    var hasSpoken = false
    /// The last thing printed was a tool call.
    var isAfterTool = false
    var tools: [RunningTool] = []
    /// Calls whose line has been printed: the stored answer lists them again.
    var shownCalls: Set<String> = []
    var approvals: [Approval] = []
    var attachments: [Attachment] = []
    var files: [Attachment] = []
    var threads: [Conversation] = []
    var isConnected = true
    var isInterruptArmed = false
    var frame: Frame

    /// `transcript` nil: a new thread.
    package init(
        account: Account, channel: Channel, conversation: Conversation?, isOnBehalf: Bool,
        identifiers: IdentifierSource = IdentifierSource(), frame: Frame
    ) {
        self.account = account
        self.channel = channel
        self.conversation = conversation?.id
        self.isOnBehalf = isOnBehalf
        self.identifiers = identifiers
        self.frame = frame
        mode = conversation?.mode ?? .auto
        draft = DraftView(width: frame.columns)
        threads = channel.conversations
    }

    /// What to print and do first.
    package func opening() -> [Effect] {
        var lines: [StyledLine] = [StyledLine()]
        var title = StyledLine(account.assistant, [.bold, .magenta])
        title.append(channel.isDirect ? "  direct messages" : "  #" + channel.name, .dim)
        title.append(isOnBehalf ? ", speaking for \(account.name)" : ", as \(account.name)", .dim)
        lines.append(title)
        if account.model == "offline" {
            lines.append(
                StyledLine("The offline model answers: it is no AI and follows simple commands. Say “help”.", .dim))
        }
        lines.append(StyledLine("/help lists the commands, Ctrl-C stops the assistant, Ctrl-D leaves.", .dim))
        if let conversation {
            return [.print(lines), .follow(conversation: conversation, after: 0)]
        }
        return [.print(lines + starterLines())]
    }

    func starterLines() -> [StyledLine] {
        guard !account.starters.isEmpty else { return [] }
        let list = account.starters.enumerated().map { index, starter in
            StyledLine("  \(index + 1)  ", [.bold, .cyan]) + StyledLine(starter.title)
        }
        return [StyledLine(), StyledLine("Say something, or choose a number:", .dim)] + list
    }

    package mutating func handle(_ input: Input, in frame: Frame) -> [Effect] {
        self.frame = frame
        switch input {
        case .key(let key):
            return handle(key)
        case .event(let event, let conversation):
            guard conversation == self.conversation else { return [] }
            return printingOverflow(handle(event))
        case .connection(let isUp):
            guard isUp != isConnected else { return [] }
            isConnected = isUp
            // What was under way is told anew by the daemon, if it still is.
            if isUp { endTurn() }
            return []
        case .followingFailed(let reason, let conversation):
            guard conversation == self.conversation else { return [] }
            isConnected = true
            endTurn()
            return [.print([problem(reason + " /new starts another.")])]
        case .result(let result):
            return handle(result)
        case .redraw:
            return []
        }
    }

    mutating func endTurn() {
        isTurnRunning = false
        state = ""
        turnStarted = nil
        tools = []
        approvals = []
        answerEditor = LineEditor()
        hasSpoken = false
        isAfterTool = false
        isInterruptArmed = false
    }

    /// A draft longer than the screen scrolls away from its top.
    private mutating func printingOverflow(_ effects: [Effect]) -> [Effect] {
        let lines = draft.overflow(rows: max(3, frame.rows - 6 - min(tools.count, Self.shownTools)))
        return lines.isEmpty ? effects : effects + [.print(speaking() + lines)]
    }

    /// What stands above words of the assistant: its name, once a turn, and air after a tool call.
    mutating func speaking() -> [StyledLine] {
        defer {
            hasSpoken = true
            isAfterTool = false
        }
        if hasSpoken { return isAfterTool ? [StyledLine()] : [] }
        return [StyledLine(), StyledLine(account.assistant, [.bold, .magenta])]
    }

    func problem(_ text: String) -> StyledLine { StyledLine("! " + text, .red) }
    func note(_ text: String) -> StyledLine { StyledLine(text, .dim) }

    static let shownTools = 5
}
