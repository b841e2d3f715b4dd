internal import Conversations
package import Logging
package import Model
internal import SlackText
package import Store

/// Has admins asked whether a channel, or somebody, is to be let in, and keeps their word. As with approvals nothing is kept
/// here: what waits is in the store, and so is which cards there are.
package actor SlackAdmissions {
    /// What others do about a decision.
    package struct Effects: Sendable {
        /// Puts it on record, before it holds.
        package var record:
            @Sendable (_ record: SlackAdmissionRecord.Kind, _ id: String, Bool, PersonID) async throws -> Void
        /// An account may not come in any more.
        package var shutOut: @Sendable (_ account: String) async throws -> Void

        package init(
            record: @escaping @Sendable (SlackAdmissionRecord.Kind, String, Bool, PersonID) async throws -> Void,
            shutOut: @escaping @Sendable (String) async throws -> Void
        ) {
            self.record = record
            self.shutOut = shutOut
        }
    }

    private let database: Database
    private let slack: any SlackCardPlace
    private let clicks: ClickAnswers
    private let effects: Effects
    private let logger: Logger
    private var isSweeping = false

    package init(
        database: Database, slack: any SlackCardPlace, clicks: ClickAnswers, effects: Effects, logger: Logger
    ) {
        self.database = database
        self.slack = slack
        self.clicks = clicks
        self.effects = effects
        self.logger = logger
    }

    /// Until cancelled.
    package func run(every pause: Duration = .seconds(10)) async {
        repeat { await sweep() } while (try? await Task.sleep(for: pause)) != nil
    }

    /// Nothing for buttons that are about something else.
    package func clicked(_ click: SlackClick) async throws {
        guard click.action == .admit || click.action == .turnAway else { return }
        try await clicks.act(click.user, at: click.address, isRepeated: click.isRepeated) { person in
            let parts = click.value.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, let kind = SlackAdmissionRecord.Kind(rawValue: parts[0]) else {
                throw ChatError(.notFound, "This button is for nothing that is here.")
            }
            _ = try await self.decide(kind, parts[1], allow: click.action == .admit, by: person)
        }
    }

    /// An admin's word; the last one counts. Throws `ChatError` for anybody else, and for what is no id.
    package func decide(
        _ kind: SlackAdmissionRecord.Kind, _ id: String, allow: Bool, by person: PersonID
    ) async throws -> SlackAdmissionRecord {
        guard let decider = try await database.person(person), decider.isActive,
            decider.role == .owner || decider.role == .admin
        else { throw ChatError(.forbidden, "Only an admin decides who is let in.") }
        guard SlackAddress.isIdentifier(id) else { throw ChatError(.invalid, "\(id.prefix(80)) is no id of Slack's.") }
        let before = try await database.slackAdmission(kind, id)
        let label = try await self.label(of: kind, id)
        try await effects.record(kind, id, allow, person)
        let record = try await database.decideSlackAdmission(kind, id, called: label, allow: allow, by: person)
        if kind == .person, !allow { try await effects.shutOut(id) }
        await sweep()
        if before?.state == .asked, let asker = before?.asker { await tell(asker, of: record) }
        return record
    }

    private func label(of kind: SlackAdmissionRecord.Kind, _ id: String) async throws -> String {
        switch kind {
        case .channel: try await database.slackChannel(id)?.name ?? id
        case .person: try await database.account(id, on: HomeRecord.slack)?.label ?? id
        }
    }

    private func tell(_ asker: String, of record: SlackAdmissionRecord) async {
        let sentence =
            switch (record.kind, record.state == .allowed) {
            case (.channel, true): "I may work in #\(record.label) now. Ask me there again."
            case (.channel, false): "I may not work in #\(record.label), an admin says."
            case (.person, true): "You may use me now. What you said before was not kept: ask again."
            case (.person, false): "You may not use me, an admin says."
            }
        do {
            try await slack.tell(sentence, user: asker, at: nil)
        } catch {
            logger.warning("somebody could not be told of a decision", metadata: ["error": "\(error)"])
        }
    }

    // MARK: - Cards

    /// Makes the cards that are missing and closes those that are decided.
    package func sweep() async {
        guard !isSweeping else { return }
        isSweeping = true
        defer { isSweeping = false }
        do {
            let records = try await database.slackAdmissions()
            for record in records where record.state == .asked { try await ask(about: record) }
            for post in try await database.openPosts([.admission]) {
                let record = records.first { Self.subject($0) == post.subject }
                try await close(post, record)
            }
        } catch {
            // Slack, or the store, does not answer: the next sweep finds what is left.
            logger.warning("admins could not be asked in Slack", metadata: ["error": "\(error)"])
        }
    }

    private static func subject(_ record: SlackAdmissionRecord) -> String { "\(record.kind.rawValue):\(record.id)" }

    private static func card(_ record: SlackAdmissionRecord) -> AdmissionCard {
        AdmissionCard(
            subject: record.kind == .channel ? .channel : .person, id: record.id, label: record.label,
            asker: record.kind == .channel ? record.asker : nil)
    }

    private func ask(about record: SlackAdmissionRecord) async throws {
        let people = try await database.people().filter { $0.isActive && ($0.role == .owner || $0.role == .admin) }
        let accounts = try await database.accounts().filter { $0.surface == HomeRecord.slack }
        let subject = Self.subject(record)
        let known = try await database.posts(.admission, of: subject)
        for admin in people {
            guard let account = accounts.first(where: { $0.person == admin.id })?.account else { continue }
            let earlier = known.first { $0.reference == account }
            guard earlier == nil || earlier?.state == .intended, let channel = try await slack.direct(to: account)
            else { continue }
            let post = try await database.intendPost(.admission, of: subject, channel: channel, reference: account)
            let address = SlackAddress(channel: channel)
            // Written down before: it may be there already.
            var ts: SlackTimestamp?
            if earlier != nil { ts = try await slack.find(marker: subject, at: address, since: post.created) }
            if ts == nil { ts = try await slack.post(Self.card(record).message, at: address, marker: subject) }
            try await database.changePost(post.id, to: ts == nil ? .ended : .up, ts: ts?.text)
        }
    }

    private func close(_ post: SlackPostRecord, _ record: SlackAdmissionRecord?) async throws {
        guard record?.state != .asked else { return }
        if let record, let ts = post.ts.flatMap({ SlackTimestamp($0) }) {
            let message = Self.card(record).message(
                isAllowed: record.state == .allowed, by: record.deciderName ?? "an admin",
                at: (record.decided ?? record.asked).milliseconds / 1000)
            _ = try await slack.update(message, in: post.channel, ts: ts)
        }
        try await database.changePost(post.id, to: .ended)
    }
}
