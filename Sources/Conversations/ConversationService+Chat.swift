internal import Logging
package import Model
internal import Store

// What surfaces ask for. Each call decides for the person it is made for; what a person may not see does not exist.
extension ConversationService: ChatService {
    package func person(_ id: PersonID) async throws -> Person {
        guard let record = try await database.person(id) else {
            throw ChatError(.notFound, "There is no such person.")
        }
        return Person(id: record.id, name: record.name, role: record.role)
    }

    package func channels(for person: PersonID) async throws -> [ChannelSummary] {
        var summaries: [ChannelSummary] = []
        for channel in try await database.channels(for: person) { summaries.append(try await summary(of: channel)) }
        return summaries
    }

    package func createChannel(named name: String, by person: PersonID) async throws -> ChannelSummary {
        let name = name.trimmed
        guard (1...80).contains(name.count), name.unicodeScalars.allSatisfy({ $0.properties.isPrintable }) else {
            throw ChatError(.invalid, "A channel's name has 1 to 80 visible characters.")
        }
        return try await summary(of: try await mapped { try await database.createRoom(named: name, by: person) })
    }

    package func submit(_ message: InboundMessage) async throws -> Receipt {
        guard !isStopping else { throw ChatError(.unavailable, "Bulkhead is shutting down; please try again.") }
        guard !message.text.trimmed.isEmpty || !message.attachments.isEmpty else {
            throw ChatError(.invalid, "The message is empty.")
        }
        // Else words could pass for a client's work, or for somebody's answer to a question.
        guard
            ![MessageRecord.externalSurface, MessageRecord.approvalSurface, MessageRecord.taskSurface]
                .contains(message.surface)
        else {
            throw ChatError(.forbidden, "Nobody speaks through \(message.surface).")
        }
        guard message.text.utf8.count <= limits.messageBytes else {
            throw ChatError(
                .tooLarge,
                "The message is larger than \(limits.messageBytes >> 10) KiB. Please attach it as a file.")
        }
        guard message.attachments.count <= limits.attachmentsPerMessage else {
            throw ChatError(.tooLarge, "A message takes \(limits.attachmentsPerMessage) files at most.")
        }
        try await requireMember(of: message.channel, person: message.author)
        if let conversation = message.conversation,
            try await database.pending(in: conversation).count >= limits.queuedMessages
        {
            throw ChatError(
                .unavailable, "\(limits.queuedMessages) messages are waiting here already; please wait for an answer.")
        }
        let message = try await screened(message)
        let accepted = try await mapped {
            try await database.acceptInbound(
                InboundDraft(
                    channel: message.channel, conversation: message.conversation, author: message.author,
                    onBehalfBy: message.onBehalfBy, text: message.text, attachments: message.attachments,
                    surface: message.surface, eventID: message.clientID, mode: .auto,
                    labels: try await labels(ofMessageBy: message.author, hasFiles: !message.attachments.isEmpty)
                        .union(message.isRelayed ? .untrusted : []),
                    isRelayed: message.isRelayed, home: message.home))
        }
        let record = accepted.message
        if accepted.isNew {
            await publish([record.id])
            await tellIfWaiting(record)
            wake(record.conversation)
            await listener?(record, message.channel)
        }
        return Receipt(message: record.id, conversation: record.conversation)
    }

    package func conversation(_ id: ConversationID, for person: PersonID) async throws -> ConversationView {
        let record = try await require(id, for: person)
        // Live state first: what ends between the two reads is then in the entries.
        var live = hub.live(in: id, for: person)
        if let approvals = live?.approvals {
            live?.approvals = []
            for view in approvals { live?.approvals.append(await desk.view(view, for: person)) }
        }
        let entries = try await database.transcript(of: id, limit: 500)
        return ConversationView(
            summary: summary(of: record), entries: entries.map { view(of: $0, for: person) }, live: live)
    }

    package func events(
        of id: ConversationID, after sequence: Int64, for person: PersonID
    ) async throws -> AsyncStream<ConversationEvent> {
        _ = try await require(id, for: person)
        let reader = EventReader(after: sequence, subscribe: { [hub] in hub.subscribe(to: id, as: person) }) { after in
            do {
                return try await self.database.entries(of: id, after: after, limit: 100).map {
                    self.view(of: $0, for: person)
                }
            } catch {
                self.parts.logger.warning("entries could not be read", metadata: ["error": "\(error)"])
                throw error
            }
        }
        return AsyncStream { [desk] in
            guard let event = await reader.next() else { return nil }
            guard case .approval(let view) = event else { return event }
            return .approval(await desk.view(view, for: person))
        }
    }

    package func cancel(_ id: ConversationID, by person: PersonID) async throws {
        _ = try await require(id, for: person)
        for live in sessions.values where live.description.conversation == id {
            guard await live.agent.openTurn != nil else { continue }
            if live.description.requester == person {
                _ = try await mapped { try await database.cancelPending(in: id, author: person) }
            }
            await live.agent.cancelTurn(by: person)
        }
        try await mapped { try await withdrawSuspended(in: id, of: person) }
    }

    package func tighten(_ id: ConversationID, to mode: Mode, by person: PersonID) async throws {
        let record = try await require(id, for: person)
        guard mode.caution >= record.mode.caution else {
            throw ChatError(
                .forbidden, "A conversation can only be made more careful: it is in \(record.mode.title) now.")
        }
        try await mapped { try await database.setMode(mode, of: id) }
    }

    package func answer(
        _ approval: ApprovalID, allow: Bool, scope: GrantScope?, reason: String?, by person: PersonID
    ) async throws {
        let answered = try await mapped {
            try await desk.answer(approval, allow: allow, scope: scope, reason: reason, by: person)
        }
        await goOn(with: answered.record)
        if answered.isOnceOnly {
            throw ChatError(
                .unavailable, "Allowed, but this once only: that it holds for longer could not be recorded.")
        }
    }

    package func approvals(for person: PersonID) async throws -> [OpenApproval] {
        try await mapped { try await desk.open(for: person) }
    }

    package func upload(name: String, bytes: [UInt8], by person: PersonID) async throws -> AttachmentView {
        guard bytes.count <= limits.fileBytes else {
            throw ChatError(.tooLarge, "A file may have \(limits.fileBytes >> 20) MiB at most.")
        }
        let name = Self.fileName(name)
        let record = try await mapped {
            try await database.addAttachment(
                name: name, mime: "application/octet-stream", bytes: bytes, owner: person, conversation: nil)
        }
        return AttachmentView(id: record.id, name: record.name, bytes: record.bytes)
    }

    package func file(_ id: AttachmentID, for person: PersonID) async throws -> StoredFile {
        guard try await database.mayRead(attachment: id, person: person),
            let record = try await database.attachment(id)
        else { throw ChatError(.notFound, "There is no such file.") }
        let bytes = try await mapped { try await database.attachmentBytes(id, limit: limits.fileBytes) }
        return StoredFile(name: record.name, bytes: bytes)
    }

    package func sessions(for person: PersonID) async throws -> [SessionSummary] {
        let role = try await self.person(person).role
        let seesAll = role == .owner || role == .admin
        return try await database.sessions(for: seesAll ? nil : person, before: nil, limit: 100).map { record in
            SessionSummary(
                id: record.id, conversation: record.conversation, requester: record.requesterName,
                state: record.state.rawValue, labels: record.labels, started: record.started, ended: record.ended,
                endReason: record.endReason)
        }
    }

    // MARK: Inside

    private func summary(of channel: ChannelRecord) async throws -> ChannelSummary {
        ChannelSummary(
            id: channel.id, name: channel.name, kind: ChannelKind(rawValue: channel.kind.rawValue) ?? .room,
            conversations: try await database.conversations(in: channel.id).map { summary(of: $0) })
    }

    private func require(_ id: ConversationID, for person: PersonID) async throws -> ConversationRecord {
        guard try await database.mayRead(conversation: id, person: person),
            let record = try await database.conversation(id)
        else { throw ChatError(.notFound, "There is no such conversation.") }
        return record
    }

    func requireMember(of channel: ChannelID, person: PersonID) async throws {
        guard try await database.mayRead(channel: channel, person: person) else {
            throw ChatError(.notFound, "There is no such channel.")
        }
    }

    /// Somebody else's question is being worked on: say so, rather than nothing.
    private func tellIfWaiting(_ record: MessageRecord) async {
        for live in sessions.values where live.description.conversation == record.conversation {
            if live.description.requester != record.author, await live.agent.openTurn != nil {
                hub.publish(.state("Waiting for the turn before this one"), in: record.conversation)
            }
        }
    }

    /// The store's words for a person, in the surfaces' error type.
    func mapped<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as StoreError {
            throw ChatError(ChatError.Code(error.code), error.message)
        }
    }
}

extension ChatError.Code {
    fileprivate init(_ code: StoreError.Code) {
        self =
            switch code {
            case .notFound: .notFound
            case .conflict: .conflict
            case .forbidden: .forbidden
            case .invalid: .invalid
            default: .unavailable
            }
    }
}

extension String {
    fileprivate var trimmed: String {
        let scalars = unicodeScalars.drop { $0.properties.isWhitespace }
        return String(String.UnicodeScalarView(scalars.reversed().drop { $0.properties.isWhitespace }.reversed()))
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
