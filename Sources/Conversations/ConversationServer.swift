internal import Harness
internal import LeakScan
internal import MCP
internal import Model
internal import Store
internal import Synchronization
internal import ToolServers

/// The tools by which an agent speaks: `reply`, and `publish_file` for what goes with it.
struct ConversationServer: ToolServer {
    static let reply = "reply"
    private static let publish = "publish_file"
    private static let openFolder = "open_personal_folder"

    let service: ConversationService
    let agent: AgentSession
    let workspace: SandboxServer
    let tools: [RegisteredTool]
    private let published = PublishedFiles()

    /// `offersFolder`: the requester's own is not open from the start.
    init(service: ConversationService, agent: AgentSession, workspace: SandboxServer, offersFolder: Bool) {
        self.service = service
        self.agent = agent
        self.workspace = workspace
        tools = Self.always + (offersFolder ? [Self.folder] : [])
    }

    private static let folder = RegisteredTool(
        tool: Tool(
            name: openFolder,
            description: "Opens the requester's own files at /workspace/user, to read and write, for the rest of this "
                + "session. From then on the session is private: nothing is reached over the network any more, and in a "
                + "channel your answer goes to the requester alone, and /workspace/thread and /workspace/group/shared "
                + "can only be read.",
            inputSchema: ["type": "object", "properties": [:], "additionalProperties": false]),
        effect: BuiltInTool.named(openFolder).effect, server: "conversation", labels: .private, isHarness: true)

    /// Every tool there may be.
    static let declared = always + [folder]

    private static let always: [RegisteredTool] = [
        RegisteredTool(
            tool: Tool(
                name: reply,
                description: "Gives the answer to the current message and ends the turn.",
                inputSchema: [
                    "type": "object", "required": ["text"], "additionalProperties": false,
                    "properties": [
                        "text": ["type": "string", "description": "The answer, in Markdown."],
                        "in_reply_to": ["type": "string"],
                        "failure": [
                            "type": "boolean", "description": "True where the work could not be done at all.",
                        ],
                    ],
                ]),
            effect: BuiltInTool.named(reply).effect, server: "conversation", isHarness: true),
        RegisteredTool(
            tool: Tool(
                name: publish,
                description: "Hands a file of the workspace to the people in this conversation: it is attached to "
                    + "your answer, for download. Give the path of a finished file.",
                inputSchema: [
                    "type": "object", "required": ["path"], "additionalProperties": false,
                    "properties": [
                        "path": ["type": "string"],
                        "name": ["type": "string", "description": "The name people see; default: the file's own."],
                    ],
                ]),
            effect: BuiltInTool.named(publish).effect, server: "conversation", handsOut: true),
    ]

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        switch name {
        case Self.reply: try await reply(arguments, context)
        case Self.publish: try await publish(arguments, context)
        case Self.openFolder: try await openFolder(context)
        default: .failure("There is no tool \(name).")
        }
    }

    private func reply(_ arguments: JSONObject, _ context: ToolContext) async throws -> CallToolResult {
        let text = arguments["text"]?.stringValue ?? ""
        guard text.utf8.count <= service.limits.messageBytes else {
            return .failure(
                "The answer is longer than \(service.limits.messageBytes >> 10) KiB. Shorten it, or write it "
                    + "to a file and publish that.")
        }
        var isFailure = arguments["failure"]?.boolValue ?? false
        let screened = try await service.screened(text, context)
        if isFailure, let turn = await agent.openTurn, try await service.waitsOut(turn, of: agent.id) {
            // The agent can go: the question is asked anew, from what is stored.
            await agent.end(reason: "The model cannot be reached.")
            return .text("Kept for later.")
        }
        isFailure = isFailure || screened.isWithheld
        let given = try await agent.reply(as: context.call) { [isFailure] turn in
            try await service.answer(
                turn, kind: isFailure ? .notice : .assistant, text: screened.text,
                attachments: screened.isWithheld ? [] : published.all(of: turn), of: context.session)
            published.clear()
        }
        return given ? .text("Delivered.") : .failure("There is no open question to reply to; call receive.")
    }

    /// A file is handed on as it is: who is asked about that is asked about its content.
    func evidence(for name: String, arguments: JSONObject, like earlier: Evidence?) async throws -> Evidence? {
        guard name == Self.publish else { return nil }
        let seen = try await workspace.look(for: name, arguments).evidence
        guard seen.files.allSatisfy({ $0.digest != nil }) else {
            throw ChatError(.invalid, "There is no such file.")
        }
        return seen
    }

    /// The gate has made the session private before this runs.
    private func openFolder(_ context: ToolContext) async throws -> CallToolResult {
        let isDirect: Bool
        do {
            isDirect = try await service.database.channel(context.channel)?.kind == .dm
            try await workspace.openPersonalFolder(of: context.requester)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .failure("The personal folder could not be opened: \(error)")
        }
        let rest = isDirect ? "" : "Your answer goes to the requester alone; thread and shared can only be read. "
        return .text("/workspace/user is open. \(rest)The network is closed to this session from now on.")
    }

    private func publish(_ arguments: JSONObject, _ context: ToolContext) async throws -> CallToolResult {
        guard let turn = await agent.openTurn, let path = arguments["path"]?.stringValue else {
            return .failure("There is no open question to publish a file for.")
        }
        guard published.all(of: turn).count < service.limits.attachmentsPerMessage else {
            return .failure("An answer takes \(service.limits.attachmentsPerMessage) files at most.")
        }
        do {
            let bytes = try await workspace.get(path)
            // A file goes out as it is or not at all.
            let subject = LeakSubject(context, tool: Self.publish)
            let leaks = service.parts.leaks
            let found = leaks.leaks.findings(in: Array(bytes), of: subject)
            if let first = found.first {
                try await leaks.report(found, at: .file, subject)
                return .failure(
                    "\(path) was not published: it holds \(first.inWords). Take it out, and publish the file again.")
            }
            let name = arguments["name"]?.stringValue ?? path.split(separator: "/").last.map(String.init) ?? "file"
            let record = try await service.database.addAttachment(
                name: String(name.prefix(200)), mime: "application/octet-stream", bytes: bytes,
                owner: context.requester, conversation: context.conversation)
            if let shown = context.evidence, shown.files.map(\.digest) != [record.digest] {
                return .failure("\(path) changed after it was approved; it was not published. Ask again.")
            }
            published.add(record.id, to: turn)
            return .text("\(record.name) (\(record.bytes) bytes) will be attached to your answer.")
        } catch let error as ChatError {
            return .failure(error.message)
        }
    }
}

/// Files that go out with the turn's answer; forgotten when the turn ends otherwise.
private final class PublishedFiles: Sendable {
    private let state = Mutex<(turn: MessageID?, files: [AttachmentID])>((nil, []))

    func add(_ file: AttachmentID, to turn: MessageID) {
        state.withLock { state in
            if state.turn != turn { state = (turn, []) }
            state.files.append(file)
        }
    }

    func all(of turn: MessageID) -> [AttachmentID] {
        state.withLock { $0.turn == turn ? $0.files : [] }
    }

    func clear() {
        state.withLock { $0 = (nil, []) }
    }
}
