package import Model

/// On whose account a model call is made: everything it can be counted against.
package struct BudgetSubject: Hashable, Sendable {
    package var person: PersonID
    package var channel: ChannelID
    package var conversation: ConversationID
    /// `nil` before there is one.
    package var session: SessionID?
    /// The task it is work of, and which run of it; `nil` for what a person asked for.
    package var task: String?
    package var run: String?
    /// What the run may cost by its owner's word, in millionths of a US dollar: it narrows the operator's and never widens it.
    package var runLimit: Int64?

    package init(
        person: PersonID, channel: ChannelID, conversation: ConversationID, session: SessionID?, task: String? = nil,
        run: String? = nil
    ) {
        self.person = person
        self.channel = channel
        self.conversation = conversation
        self.session = session
        self.task = task
        self.run = run
    }

    /// The account as the store keeps it; `nil` where there is none of that kind. The store's triggers write the same
    /// names (`Migrations.budgets`).
    package func account(_ scope: BudgetScope, _ period: BudgetPeriod) -> String? {
        switch (scope, period) {
        case (.company, _): "company"
        case (.channel, _): "channel/\(channel)"
        case (.person, _): "person/\(person)"
        case (.task, .run): run.map { "run/\($0)" }
        case (.task, _): task.map { "task/\($0)" }
        case (.session, _): session.map { "session/\($0)" }
        }
    }
}
