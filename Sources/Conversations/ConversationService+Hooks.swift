internal import Audit
internal import Hooks
internal import LeakScan
internal import MCP
internal import Model
internal import Store
internal import ToolServers

// Where the operator's hooks are asked outside the gate.
extension ConversationService {
    /// The message as hooks leave it, before it is stored. Throws a sentence for its author where they do not let it in.
    func screened(_ message: InboundMessage) async throws -> InboundMessage {
        guard let hooks = parts.hooks, !hooks.hooks(for: .messageIn).isEmpty else { return message }
        var message = message
        var facts = try await facts(person: message.author, channel: message.channel)
        facts["conversation"] = message.conversation.map { .string($0.rawValue) }
        facts["surface"] = .string(message.surface)
        facts["attachments"] = .int(Int64(message.attachments.count))
        let subject = AuditSubject(
            requester: message.author, onBehalfBy: message.onBehalfBy, channel: message.channel,
            conversation: message.conversation)
        switch try await hooks.screen(message.text, .messageIn, about: facts, subject: subject) {
        case .pass(let text):
            guard text.utf8.count <= limits.messageBytes else {
                throw ChatError(.tooLarge, "A check made the message too long. Please tell an operator.")
            }
            message.text = text
        case .withheld(let reason): throw ChatError(.forbidden, "The message was not taken: \(reason)")
        }
        return message
    }

    /// As a message of whoever said it; `nil` where that is withheld. Of somebody who is nobody here, hooks are told that
    /// a guest said it.
    func screened(_ line: HeardLine, in channel: ChannelID) async throws -> HeardLine? {
        guard let hooks = parts.hooks, !hooks.hooks(for: .messageIn).isEmpty, line.speaker != .assistant else {
            return line
        }
        var line = line
        var facts: JSONObject
        var subject = AuditSubject(channel: channel)
        switch line.speaker {
        case .person(let person):
            facts = try await self.facts(person: person, channel: channel)
            subject = AuditSubject(requester: person, channel: channel)
        case .other(let name):
            facts = try await self.facts(of: channel)
            facts["requester"] = ["id": "", "name": .string(name)]
            facts["role"] = "guest"
        case .assistant: return line
        }
        facts["surface"] = .string(line.surface)
        facts["context"] = true
        switch try await hooks.screen(line.text, .messageIn, about: facts, subject: subject) {
        case .pass(let text): line.text = text
        case .withheld: return nil
        }
        return line
    }

    /// The answer without live secrets and as hooks leave it, before anybody sees it; in its place a sentence where they
    /// withhold it. Throws where a secret was found and that could not be put on record.
    nonisolated func screened(
        _ answer: String, _ context: ToolContext
    ) async throws -> (text: String, isWithheld: Bool) {
        let answer = try await parts.leaks.screened(answer, at: .answer, LeakSubject(context, tool: "reply"))
        guard let hooks = parts.hooks, !hooks.hooks(for: .messageOut).isEmpty else { return (answer, false) }
        var facts = try await facts(person: context.requester, channel: context.channel)
        facts["conversation"] = .string(context.conversation.rawValue)
        facts["session"] = .string(context.session.rawValue)
        let subject = AuditSubject(
            requester: context.requester, channel: context.channel, conversation: context.conversation,
            session: context.session, call: context.call)
        switch try await hooks.screen(answer, .messageOut, about: facts, subject: subject) {
        case .pass(let text): return (text, false)
        case .withheld(let reason): return ("The answer was withheld: \(reason)", true)
        }
    }

    /// Throws where a hook says that the session may not begin.
    func announceStart(of session: SessionRecord) async throws {
        guard let hooks = parts.hooks, !hooks.hooks(for: .sessionStart).isEmpty else { return }
        let description = SessionDescription(
            session: session.id, conversation: session.conversation, channel: session.channel,
            requester: session.requester)
        let facts = try await facts(of: description)
        let refusal = try await hooks.announce(.sessionStart, about: facts, subject: AuditSubject(description))
        if let (hook, reason) = refusal {
            throw ChatError(.forbidden, "This was not begun: the check \"\(hook)\" does not let it through: \(reason)")
        }
    }

    func announceEnd(of session: SessionDescription, reason: String) async {
        guard let hooks = parts.hooks, !hooks.hooks(for: .sessionEnd).isEmpty,
            var facts = try? await facts(of: session)
        else { return }
        facts["reason"] = .string(reason)
        // It has ended whatever a hook says of it.
        _ = try? await hooks.announce(.sessionEnd, about: facts, subject: AuditSubject(session))
    }

    private func facts(of session: SessionDescription) async throws -> JSONObject {
        var facts = try await facts(person: session.requester, channel: session.channel)
        facts["conversation"] = .string(session.conversation.rawValue)
        facts["session"] = .string(session.session.rawValue)
        return facts
    }

    private nonisolated func facts(person: PersonID, channel: ChannelID) async throws -> JSONObject {
        let record = try await database.person(person)
        var facts = try await facts(of: channel)
        facts["requester"] = ["id": .string(person.rawValue), "name": .string(record?.name ?? "")]
        facts["role"] = .string(record?.role.rawValue ?? "guest")
        return facts
    }

    private nonisolated func facts(of channel: ChannelID) async throws -> JSONObject {
        let place = try await database.channel(channel)
        return [
            "channel": .string(channel.rawValue), "channel_name": .string(place?.name ?? ""),
            "direct": .bool(place?.kind == .dm),
        ]
    }
}

extension LeakSubject {
    init(_ context: ToolContext, tool: String? = nil) {
        self.init(
            session: context.session, requester: context.requester, channel: context.channel,
            conversation: context.conversation, call: context.call, tool: tool)
    }
}
