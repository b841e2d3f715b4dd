internal import Audit
internal import Harness
internal import MCP
package import Model
internal import Policy
internal import Store

// What sessions have touched, and who may see what comes of it.
extension ConversationService {
    /// What a message brings along, by the policy in force.
    func labels(ofMessageBy person: PersonID, hasFiles: Bool) async throws -> Labels {
        let role = try await database.person(person)?.role
        return parts.policy.current.sources.labels(ofMessageBy: role, hasFiles: hasFiles)
    }

    /// An agent's answer, to those who may see it: its requester alone where its session is private and works in a room.
    /// There a line stands for it, and the person can post it.
    func answer(
        _ turn: MessageID, kind: MessageRecord.Kind, text: String, attachments: [AttachmentID], of session: SessionID
    ) async throws {
        guard let record = try await database.session(session) else {
            throw ChatError(.notFound, "The session is gone.")
        }
        var text = text
        if record.labels.contains(.untrusted) {
            let words = try await database.ownWords(of: record.requester, in: record.conversation)
            text = OwnWords(words).defanged(text)
        }
        guard try await database.soleReader(of: session) != nil else {
            return try await finish(turn, kind: kind, text: text, attachments: attachments, in: record.conversation)
        }
        let stored = try await database.completePrivately(
            TurnCompletion(turn: turn, kind: kind, text: text, attachments: attachments),
            notice: "I answered \(record.requesterName) privately.")
        await publish([stored.answer.id, stored.notice.id])
    }

    /// Tells people of stored lines, each what they may see. Nothing fails by it, a cancelled caller included.
    package func publish(_ messages: [MessageID]) async {
        for id in messages {
            let stored = await Task { [database] in try? await database.entry(id) }.value
            guard let stored else { continue }
            let place = stored.message.conversation
            guard let reader = stored.soleReader else {
                hub.publish(.entry(view(of: stored, for: nil)), in: place)
                continue
            }
            hub.publish(.entry(view(of: stored, for: reader)), in: place, to: .only(reader))
            hub.publish(.entry(view(of: stored, for: nil)), in: place, to: .allBut(reader))
        }
    }

    package func privateAnswers(for person: PersonID) async throws -> [PrivateAnswer] {
        try await database.privateAnswers(for: person).map { PrivateAnswer($0) }
    }

    /// On record first: what cannot be recorded is not posted.
    package func post(_ answer: MessageID, by person: PersonID) async throws -> Receipt {
        do {
            guard let record = try await database.privateAnswer(answer), record.requester == person,
                record.message == answer, let thread = try await database.conversation(record.thread)
            else { throw ChatError(.notFound, "There is no such answer.") }
            guard record.posted == nil else { throw ChatError(.conflict, "This answer has been posted already.") }
            try await parts.audit.event(
                "answer.posted",
                subject: AuditSubject(requester: person, channel: thread.channel, conversation: thread.id),
                details: [
                    "message": .string(answer.rawValue), "text": .string(record.text.cut(to: 64 << 10)),
                    "bytes": .int(Int64(record.text.utf8.count)),
                ])
            let posted = try await database.postPrivateAnswer(answer, by: person)
            await publish([posted.id])
            return Receipt(message: posted.id, conversation: thread.id)
        } catch let error as StoreError {
            throw ChatError(
                error.code == .conflict ? .conflict : error.code == .forbidden ? .forbidden : .notFound, error.message)
        }
    }
}

extension TranscriptEntry {
    /// The one person who may see something of it that others may not.
    var soleReader: PersonID? {
        privateAnswer?.requester ?? toolCalls.first { $0.labels.contains(.private) }?.requester
    }
}

extension PrivateAnswer {
    init(_ record: PrivateAnswerRecord) {
        self.init(
            message: record.message, conversation: record.conversation, thread: record.thread,
            channelName: record.channelName, text: record.text, at: record.created, isPosted: record.posted != nil)
    }
}
