internal import LeakScan
internal import MCP
internal import Model
internal import Store

// Records as agents and people see them.
extension ConversationService {
    func liveSession(_ id: SessionID) -> LiveSession? {
        sessions.values.first { $0.id == id }
    }

    /// The turn's messages as the agent gets them, with what was attached put into the session's inbox first.
    func prepare(_ batch: [MessageRecord], for live: LiveSession) async throws -> [JSONValue] {
        try await agentMessages(batch, for: live)
    }

    func agentMessages(_ batch: [MessageRecord], for live: LiveSession) async throws -> [JSONValue] {
        var messages: [JSONValue] = []
        // Before anything of them is placed or handed over.
        let labels = batch.reduce(into: Labels()) { $0.formUnion($1.labels) }
        if !labels.isEmpty { try await database.label(live.id, adding: labels) }
        for record in batch {
            if record.surface == MessageRecord.budgetSurface {
                messages.append(try await resumption(of: record, for: live))
                continue
            }
            let name = try await self.name(of: record.author)
            var attachments: [JSONValue] = []
            var text = record.text
            // The requester's own hand: what they give the assistant to work with, it may work with.
            if record.author == live.description.requester, record.onBehalfBy == nil, !record.isRelayed {
                parts.leaks.leaks.admitTokens(in: text, to: live.id)
            }
            for file in try await database.entry(record.id)?.attachments ?? [] {
                let path = "/workspace/session/inbox/\(Self.fileName(file.name))"
                hub.publish(.state("Placing \(file.name)"), in: record.conversation)
                do {
                    let bytes = try await database.attachmentBytes(file.id, limit: limits.fileBytes)
                    try await live.workspace.put(bytes, at: path)
                } catch {
                    // The words are worth answering without it; both sides are told.
                    text += "\n[The attached file \(file.name) could not be placed: \(Self.sentence(for: error))]"
                    continue
                }
                attachments.append([
                    "name": .string(file.name), "path": .string(path), "mime": .string(file.mime),
                    "bytes": .int(file.bytes), "labels": Self.json(record.labels),
                ])
            }
            messages.append([
                "id": .string(record.id.rawValue), "from": .string(name), "at": .string(record.created.rfc3339),
                "text": .string(text), "kind": "message", "attachments": .array(attachments),
                "labels": Self.json(record.labels), "context": .array(try await heard(before: record, by: live)),
            ])
        }
        return messages
    }

    /// What was said in the thread since the session's agent was told last, and not to it. What stands in it the session
    /// has touched.
    private func heard(before record: MessageRecord, by live: LiveSession) async throws -> [JSONValue] {
        let entries = try await database.heard(by: live.id, before: record.id).map { view(of: $0, for: nil) }
        let lines = parts.composer.shown(of: entries)
        let labels = lines.reduce(into: Labels()) { $0.formUnion($1.labels) }
        if !labels.isEmpty { try await database.label(live.id, adding: labels) }
        return lines.map { parts.composer.line(of: $0, live.boundary) }
    }

    private static func json(_ labels: Labels) -> JSONValue { .array(labels.names.map { .string($0) }) }

    func name(of person: PersonID?) async throws -> String {
        guard let person else { return "somebody" }
        return try await database.person(person)?.name ?? "somebody"
    }

    /// A name that is one plain path component whatever a person's file was called.
    static func fileName(_ name: String) -> String {
        let safe = name.unicodeScalars.map { scalar -> Character in
            scalar == "/" || scalar.value < 0x20 || scalar.value == 0x7F ? "_" : Character(scalar)
        }
        let text = String(String(safe).prefix(120))
        return text.isEmpty || text.hasPrefix(".") ? "file" + text : text
    }

    /// As `viewer` may see it; `nil`: as everybody in the room may.
    nonisolated func view(of entry: TranscriptEntry, for viewer: PersonID?) -> Entry {
        // An answer that came back is nobody's words: the harness tells of it.
        let isAnswer = entry.message.isContinuation
        let kind: Entry.Kind =
            switch entry.message.kind {
            case .user where isAnswer: .notice
            case .user, .context: .user
            case .assistant: .assistant
            case .notice: .notice
            }
        return Entry(
            sequence: entry.message.sequence, id: entry.message.id, kind: kind,
            author: (isAnswer ? nil : entry.authorName) ?? parts.composer.assistantName, text: entry.message.text,
            at: entry.message.created, inReplyTo: entry.message.inReplyTo,
            attachments: entry.attachments.map { AttachmentView(id: $0.id, name: $0.name, bytes: $0.bytes) },
            tools: entry.toolCalls.filter { !$0.labels.contains(.private) || $0.requester == viewer }.map { call in
                ToolActivity(
                    call: call.id, tool: call.tool,
                    arguments: (try? JSONValue(parsing: call.arguments)) ?? .string(call.arguments),
                    state: ToolActivity.State(rawValue: call.state.rawValue) ?? .failed, result: call.result,
                    milliseconds: call.milliseconds,
                    undo: call.undoneBy.map { .done(by: $0) } ?? (call.isUndoable ? .possible : nil))
            }, labels: entry.message.labels, isContext: entry.message.kind == .context,
            privateAnswer: entry.privateAnswer.flatMap { $0.requester == viewer ? PrivateAnswer($0) : nil })
    }

    func summary(of record: ConversationRecord) -> ConversationSummary {
        ConversationSummary(
            id: record.id, channel: record.channel, title: record.title, updated: record.updated, mode: record.mode)
    }
}
