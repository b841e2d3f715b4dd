package import Audit
internal import MCP
package import Model
package import Store
internal import ToolServers

/// What answers were made of, as the harness knows it and nobody told it, and what people think of them.
package protocol AnswerBook: Sendable {
    /// For everybody who reads the place the answer stands in; `nil` for what is no answer.
    func summary(of answer: MessageID) async throws -> AnswerSummary?
    /// For whoever asked. Throws `ChatError`.
    func details(of answer: MessageID, for person: PersonID) async throws -> AnswerDetails
    /// By anybody who may read it. Throws `ChatError`.
    func rate(_ answer: MessageID, _ value: FeedbackRecord.Value, words: String?, by person: PersonID) async throws
    /// The calls that led to it and can be undone, newest first: whoever asked can. Empty for others.
    func undoable(in answer: MessageID, for person: PersonID) async throws -> [CallID]
}

/// Small enough to stand under an answer.
package struct AnswerSummary: Sendable, Hashable {
    /// "2 files changed".
    package var done: [String] = []
    /// What was read: files people gave, hosts that were asked. Never what a model wrote.
    package var sources: [String] = []

    package init(done: [String] = [], sources: [String] = []) {
        self.done = done
        self.sources = sources
    }

    /// Of millionths: `$1.23`; four places where it is less than a cent.
    package static func dollars(_ microdollars: Int64) -> String { AnswerFacts.dollars(microdollars) }
}

package struct AnswerDetails: Sendable, Hashable {
    /// Name and value, to be read as they are.
    package var lines: [(name: String, value: String)]

    package static func == (left: Self, right: Self) -> Bool { left.text == right.text }
    package func hash(into hasher: inout Hasher) { hasher.combine(text) }

    package var text: String { lines.map { "\($0.name): \($0.value)" }.joined(separator: "\n") }
}

/// The book, from the store.
package struct StoredAnswers: AnswerBook {
    private let database: Database
    private let audit: AuditLog

    package init(database: Database, audit: AuditLog) {
        self.database = database
        self.audit = audit
    }

    package func summary(of answer: MessageID) async throws -> AnswerSummary? {
        guard let record = try await database.answer(answer) else { return nil }
        // What it draws on stays with whoever asked.
        guard !record.wasPosted else { return AnswerSummary() }
        var calls = try await database.toolCalls(turn: record.turn)
        if try await !isDirect(record) { calls.removeAll { $0.labels.contains(.private) } }
        return AnswerSummary(
            done: AnswerFacts.done(by: calls),
            sources: AnswerFacts.sources(
                of: calls, files: try await files(of: record), reached: try await reached(by: calls, of: record),
                at: record.message.created))
    }

    package func details(of answer: MessageID, for person: PersonID) async throws -> AnswerDetails {
        let record = try await readable(answer, person)
        guard record.session.requester == person else {
            throw ChatError(.forbidden, "Only \(record.session.requesterName), who asked, sees how it was made.")
        }
        return AnswerFacts.details(
            of: record, calls: try await database.toolCalls(turn: record.turn),
            models: try await database.modelCalls(turn: record.turn),
            route: try await database.route(of: record.turn),
            notes: try await database.routeSwitches(of: record.turn).map { ("Tier", $0) }
                + database.budgetWarnings(turn: record.turn).map { ("Budget", $0) })
    }

    package func rate(
        _ answer: MessageID, _ value: FeedbackRecord.Value, words: String?, by person: PersonID
    ) async throws {
        let record = try await readable(answer, person)
        try await database.saveFeedback(value, words: words, on: answer, by: person)
        try await audit.event(
            "answer.rated",
            subject: AuditSubject(
                requester: person, conversation: record.message.conversation, session: record.session.id),
            details: [
                "answer": .string(answer.rawValue), "value": .string(value.rawValue), "words": .bool(words != nil),
            ])
    }

    package func undoable(in answer: MessageID, for person: PersonID) async throws -> [CallID] {
        let record = try await readable(answer, person)
        guard record.session.requester == person else { return [] }
        return try await database.toolCalls(turn: record.turn).filter(\.isUndoable).reversed().map(\.id)
    }

    private func readable(_ answer: MessageID, _ person: PersonID) async throws -> AnswerRecord {
        guard let record = try await database.answer(answer),
            try await database.mayRead(conversation: record.message.conversation, person: person)
        else { throw ChatError(.notFound, "There is no such answer.") }
        return record
    }

    private func isDirect(_ record: AnswerRecord) async throws -> Bool {
        guard let conversation = try await database.conversation(record.message.conversation) else { return false }
        return try await database.channel(conversation.channel)?.kind == .dm
    }

    /// What the sandbox's commands were let out to while they ran, by the audit.
    private func reached(by calls: [ToolCallRecord], of record: AnswerRecord) async throws -> [String] {
        guard let first = calls.first(where: { BuiltInTool.named($0.tool).runsCommands }) else { return [] }
        var filter = AuditFilter()
        (filter.session, filter.event, filter.decision) = (record.session.id, "egress.connection", .allow)
        (filter.since, filter.until) = (first.started, record.message.created)
        return try await audit.rows(matching: filter).compactMap { $0.details?["host"]?.stringValue }
    }

    /// What people gave in the conversation, with when.
    private func files(of record: AnswerRecord) async throws -> [String: Timestamp] {
        var files: [String: Timestamp] = [:]
        for file in try await database.attachments(in: record.session.conversation) { files[file.name] = file.created }
        return files
    }
}
