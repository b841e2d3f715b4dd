package import Model

/// The gate's questions for a surface that carries them to people where they are. What waits is in the store; this says who
/// may see what of it, and whose word counts.
package protocol QuestionBoard: Sendable {
    /// The question as `person` may see it, whatever has become of it since; `nil` where it is not theirs to see.
    func question(_ id: ApprovalID, for person: PersonID) async throws -> ApprovalView?
    /// `nil` where there is no such question. Of `people`, those whose word it waits for are found.
    func circle(of id: ApprovalID, among people: [PersonID]) async throws -> QuestionCircle?
    /// As ``ChatService/answer(_:allow:scope:reason:by:)``.
    func answer(
        _ approval: ApprovalID, allow: Bool, scope: GrantScope?, reason: String?, by person: PersonID
    ) async throws
    /// An element each time a question was asked, answered, has expired or was withdrawn; several may come as one. What
    /// changed is in the store.
    func questionsChanged() -> AsyncStream<Void>
}

/// Whom a question concerns.
package struct QuestionCircle: Sendable {
    /// As anybody sees it who reads the place it was asked in, its arguments redacted as they are there; `nil` where only
    /// some readers may see it.
    package var forAll: ApprovalView?
    /// Whether ``forAll`` leaves something out that those who decide see.
    package var isShortened: Bool
    /// Anybody who reads the place may give the word: nobody in particular is asked.
    package var isAnybodys: Bool
    package var deciders: [PersonID]
    /// Who decides, in words.
    package var approvers: String

    package init(
        forAll: ApprovalView?, isShortened: Bool, isAnybodys: Bool, deciders: [PersonID], approvers: String
    ) {
        self.forAll = forAll
        self.isShortened = isShortened
        self.isAnybodys = isAnybodys
        self.deciders = deciders
        self.approvers = approvers
    }
}

extension ConversationService: QuestionBoard {
    package func question(_ id: ApprovalID, for person: PersonID) async throws -> ApprovalView? {
        try await mapped { try await desk.question(id, for: person) }
    }

    package func circle(of id: ApprovalID, among people: [PersonID]) async throws -> QuestionCircle? {
        try await mapped { try await desk.circle(of: id, among: people) }
    }

    package nonisolated func questionsChanged() -> AsyncStream<Void> {
        hub.questionsChanged()
    }
}
