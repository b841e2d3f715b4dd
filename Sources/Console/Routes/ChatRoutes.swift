internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// People, channels, conversations and messages.
struct ChatRoutes: Sendable {
    let chat: any ChatService
    let assistant: AssistantDescription
    let starters: [Starter]
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("me", use: me)
        api.get("channels", use: channels)
        api.post("channels", use: createChannel)
        api.get("channels/{id}", use: channel)
        api.post("messages", use: submit)
        api.get("conversations/{id}", use: conversation)
        api.post("conversations/{id}/cancel", use: cancel)
        api.post("conversations/{id}/mode", use: tighten)
        api.get("approvals", use: approvals)
        api.post("approvals/{id}", use: answer)
        api.get("sessions", use: sessions)
        api.post("calls/{id}/undo", use: undo)
    }

    @Sendable func me(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        var me: JSONObject = [
            "person": caller.person.json, "csrf": .string(caller.crossSiteToken),
            "assistant": .object(["name": .string(assistant.name), "model": .string(assistant.model)]),
            "starters": .array(
                starters.map { .object(["title": .string($0.title), "text": .string($0.text)]) }),
            "modes": .array(
                Mode.fromLeastCautious.map { .object(["mode": .string($0.rawValue), "title": .string($0.title)]) }),
            "limits": .object([
                "message_bytes": .int(Int64(limits.messageBytes)), "upload_bytes": .int(Int64(limits.uploadBytes)),
            ]),
        ]
        if let admin = caller.onBehalfBy {
            me["on_behalf_by"] = .string(admin.id.rawValue)
            me["on_behalf_by_name"] = .string(admin.name)
        }
        return .json(.object(me))
    }

    @Sendable func channels(_ request: Request, context: ConsoleContext) async throws -> Response {
        let channels = try await chat.channels(for: context.caller.person.id)
        return .json(.object(["channels": .array(channels.map(\.json))]))
    }

    @Sendable func createChannel(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        let name = try await request.json(upTo: limits.messageBytes).text("name")
        guard !name.isBlank, name.utf8.count <= 200 else {
            throw ConsoleError(.badRequest, "A channel needs a name of 1 to 200 bytes.")
        }
        return .json(try await chat.createChannel(named: name, by: caller.person.id).json, status: .created)
    }

    @Sendable func channel(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Channel.self)
        guard let channel = try await chat.channels(for: context.caller.person.id).first(where: { $0.id == id })
        else { throw ConsoleError(.notFound, "There is no such channel, or you are not a member of it.") }
        return .json(channel.json)
    }

    @Sendable func submit(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        let body = try await request.json(upTo: limits.messageBytes)
        let attachments = try (body["attachments"]?.arrayValue ?? []).map { value in
            guard let id = value.stringValue.flatMap({ AttachmentID($0) }) else {
                throw ConsoleError(.badRequest, "attachments must be a list of identifiers.")
            }
            return id
        }
        let text = try body.text("text")
        guard !text.isBlank || !attachments.isEmpty else {
            throw ConsoleError(.badRequest, "The message is empty. Write something or attach a file.")
        }
        let clientID = try body.text("client_id")
        guard (1...128).contains(clientID.utf8.count) else {
            throw ConsoleError(.badRequest, "client_id must have 1 to 128 bytes.")
        }
        var message = InboundMessage(
            channel: try body.identifier("channel", of: IdentifierKind.Channel.self),
            conversation: try body.optionalIdentifier("conversation", of: IdentifierKind.Conversation.self),
            author: caller.person.id, onBehalfBy: caller.onBehalfBy?.id, text: text, attachments: attachments,
            surface: caller.surface,
            // Two people's clients may pick the same id; each dedupes against itself only.
            clientID: "\(caller.person.id.rawValue):\(clientID)")
        message.tier = body["tier"]?.stringValue
        let receipt = try await chat.submit(message)
        return .json(
            .object([
                "message": .string(receipt.message.rawValue), "conversation": .string(receipt.conversation.rawValue),
            ]), status: .accepted)
    }

    @Sendable func conversation(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Conversation.self)
        let caller = try context.caller
        let view = try await chat.conversation(id, for: caller.person.id)
        return .json(view.json(mayAnswer: caller.onBehalfBy == nil))
    }

    @Sendable func cancel(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Conversation.self)
        try await chat.cancel(id, by: context.caller.person.id)
        return .json(.object([:]), status: .accepted)
    }

    @Sendable func tighten(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Conversation.self)
        let name = try await request.json(upTo: limits.messageBytes).text("mode")
        guard let mode = Mode(rawValue: name) else {
            throw ConsoleError(
                .badRequest, "mode must be one of \(Mode.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        try await chat.tighten(id, to: mode, by: context.caller.person.id)
        return .json(.object([:]))
    }

    @Sendable func answer(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        let id = try context.identifier(of: IdentifierKind.Approval.self)
        // Else one hand could ask in one name and agree in another.
        if let admin = caller.onBehalfBy {
            throw ConsoleError(
                .forbidden,
                "An approval is answered in one's own name, and here \(admin.name) acts for \(caller.person.name). "
                    + "\(caller.person.name) can answer after signing in with a link of their own.")
        }
        let body = try await request.json(upTo: limits.messageBytes)
        let decision = try body.text("decision")
        guard decision == "allow" || decision == "deny" else {
            throw ConsoleError(.badRequest, "decision must be allow or deny.")
        }
        try await chat.answer(
            id, allow: decision == "allow", scope: try Self.scope(body, isAllowed: decision == "allow"),
            reason: body["reason"]?.stringValue, by: caller.person.id)
        return .json(.object([:]))
    }

    /// `nil`: this once.
    private static func scope(_ body: JSONObject, isAllowed: Bool) throws(ConsoleError) -> GrantScope? {
        guard let value = body["scope"], value != .string("once") else { return nil }
        guard let scope = value.stringValue.flatMap({ GrantScope(rawValue: $0) }) else {
            throw ConsoleError(.badRequest, "scope must be once, conversation, channel or company.")
        }
        guard isAllowed else { throw ConsoleError(.badRequest, "A scope belongs to an answer that allows.") }
        return scope
    }

    @Sendable func approvals(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        let open = try await chat.approvals(for: caller.person.id)
        // In another's name nothing can be answered.
        return .json(
            .object(["approvals": .array(open.map { $0.json(mayAnswer: caller.onBehalfBy == nil) })]))
    }

    @Sendable func undo(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        let id = try context.identifier(of: IdentifierKind.Call.self)
        let force = try await request.json(upTo: limits.messageBytes)["force"]?.boolValue ?? false
        let receipt = try await chat.undo(
            id, force: force, by: caller.person.id, onBehalfBy: caller.onBehalfBy?.id)
        return .json(.object(["call": .string(receipt.call.rawValue), "text": .string(receipt.text)]))
    }

    @Sendable func sessions(_ request: Request, context: ConsoleContext) async throws -> Response {
        let sessions = try await chat.sessions(for: context.caller.person.id)
        return .json(.object(["sessions": .array(sessions.map(\.json))]))
    }
}

extension Mode {
    static let fromLeastCautious: [Mode] = [.bypassPermissions, .auto, .acceptEdits, .readOnly]
}

extension String {
    var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
