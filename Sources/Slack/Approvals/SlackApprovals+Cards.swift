internal import Conversations
internal import Logging
internal import Model
internal import SlackText
internal import Store

extension SlackApprovals {
    private struct Target {
        var address: SlackAddress
        var audience: CardAudience
    }

    /// Every card of a question that waits. Those that are there stay as they are.
    func show(_ record: ApprovalRecord) async throws {
        let accounts = try await slackAccounts()
        guard let circle = try await board.circle(of: record.id, among: Array(accounts.keys)) else { return }
        for target in try await targets(of: record, circle, accounts) { try await put(target, record, circle) }
    }

    /// Active people with an account in Slack, by person: the oldest of each.
    private func slackAccounts() async throws -> [PersonID: String] {
        var result: [PersonID: String] = [:]
        for account in try await database.accounts().sorted(by: { $0.created < $1.created })
        where account.surface == HomeRecord.slack && result[account.person] == nil {
            result[account.person] = account.account
        }
        return result
    }

    /// The thread gets the question where its readers may see it, else that somebody is asked. Those who decide get it by
    /// themselves, unless they have it in the thread.
    private func targets(
        of record: ApprovalRecord, _ circle: QuestionCircle, _ accounts: [PersonID: String]
    ) async throws -> [Target] {
        var targets: [Target] = []
        let home = try await database.home(of: record.conversation, on: HomeRecord.slack)
        if let home, let address = SlackAddress(home.address) {
            let audience: CardAudience
            if try await isDirect(record.conversation) {
                audience = .person(record.requester)
            } else {
                audience = circle.forAll == nil ? .placeholder : .room
            }
            targets.append(Target(address: address, audience: audience))
        }
        let thread = targets.first?.audience
        for decider in circle.deciders {
            // Who reads the thread anyway is not asked in two places; nor is a whole channel asked one by one.
            if decider == record.requester, thread != .placeholder { continue }
            if circle.isAnybodys, thread != .placeholder { continue }
            guard let user = accounts[decider], let channel = try await slack.direct(to: user) else { continue }
            targets.append(Target(address: SlackAddress(channel: channel), audience: .person(decider)))
        }
        return targets
    }

    private func isDirect(_ conversation: ConversationID) async throws -> Bool {
        guard let record = try await database.conversation(conversation) else { return false }
        return try await database.channel(record.channel)?.kind == .dm
    }

    /// Written down before it is posted; where that was done before, it may be there already.
    private func put(_ target: Target, _ record: ApprovalRecord, _ circle: QuestionCircle) async throws {
        var target = target
        // A home that nothing was said in yet is a user: the card begins their direct channel.
        if target.address.channel.hasPrefix("U") || target.address.channel.hasPrefix("W") {
            guard let channel = try await slack.direct(to: target.address.channel) else { return }
            target.address = SlackAddress(channel: channel, thread: target.address.thread)
        }
        let (id, address) = (record.id.rawValue, target.address)
        let isRepeated = try await database.posts(.card, of: id).contains { $0.channel == address.channel }
        let post = try await database.intendPost(
            .card, of: id, channel: address.channel, thread: address.thread?.text, reference: target.audience.text)
        guard post.state == .intended else { return }
        if isRepeated, let ts = try await slack.find(marker: id, at: address, since: post.created) {
            return try await database.changePost(post.id, to: .up, ts: ts.text)
        }
        guard let message = try await message(of: record, for: target.audience, circle) else {
            return try await database.changePost(post.id, to: .ended)
        }
        let ts = try await slack.post(message, at: address, marker: id)
        if ts == nil {
            logger.error(
                "a question cannot be shown in Slack", metadata: ["approval": "\(id)", "channel": "\(address.channel)"])
        }
        try await database.changePost(post.id, to: ts == nil ? .ended : .up, ts: ts?.text)
    }

    private func message(
        of record: ApprovalRecord, for audience: CardAudience, _ circle: QuestionCircle
    ) async throws -> BlockMessage? {
        switch audience {
        case .placeholder: return ApprovalCard.placeholder(waitingFor: circle.approvers)
        case .person(let person):
            guard let view = try await board.question(record.id, for: person) else { return nil }
            let place = try await place(of: record, for: person)
            return ApprovalCard(view, place: place).message
        case .room:
            guard let view = circle.forAll else { return nil }
            var card = ApprovalCard(view)
            card.isShortened = circle.isShortened
            // As far as the one it is most likely to be for may reach; whoever clicks is asked anew.
            let own = try await board.question(record.id, for: record.requester)
            card.scopes = ApprovalCard.scopes(own?.scopes ?? [])
            if circle.deciders.contains(record.requester), let user = try await slackAccounts()[record.requester] {
                card.calls = [.user(user)]
            }
            return card.message
        }
    }

    /// The channel's name, for those who are asked elsewhere.
    private func place(of record: ApprovalRecord, for person: PersonID) async throws -> String? {
        guard person != record.requester, let conversation = try await database.conversation(record.conversation),
            let channel = try await database.channel(conversation.channel), channel.kind != .dm
        else { return nil }
        return channel.name
    }

    // MARK: - The end

    /// Puts in a card's place what became of the question, once it is over.
    func close(_ post: SlackPostRecord) async throws {
        let id = ApprovalID(trusted: post.subject)
        guard let record = try await database.approval(id) else {
            return try await database.changePost(post.id, to: .ended)
        }
        guard let audience = CardAudience(post.reference), let (outcome, at) = try await outcome(of: record, audience)
        else {
            return
        }
        let address = SlackAddress(channel: post.channel, thread: post.thread.flatMap { SlackTimestamp($0) })
        var ts = post.ts.flatMap { SlackTimestamp($0) }
        if ts == nil { ts = try await slack.find(marker: post.subject, at: address, since: post.created) }
        guard let ts else { return try await database.changePost(post.id, to: .ended) }
        let message: BlockMessage
        switch audience {
        case .placeholder: message = ApprovalCard.placeholder(outcome)
        case .person(let person):
            let view = try await board.question(id, for: person)
            message =
                view.map { ApprovalCard($0).message(outcome, at: at) }
                ?? ApprovalCard.message(outcome, tool: record.tool, at: at)
        case .room:
            let view = try await board.circle(of: id, among: [])?.forAll
            message = view.map { ApprovalCard($0).message(outcome, at: at) } ?? ApprovalCard.placeholder(outcome)
        }
        // Gone or changed: nobody has to look after it any more.
        _ = try await slack.update(message, in: post.channel, ts: ts)
        try await database.changePost(post.id, to: .ended, ts: ts.text)
    }

    /// `nil` while it waits. When: in seconds since 1970.
    private func outcome(
        of record: ApprovalRecord, _ audience: CardAudience
    ) async throws -> (ApprovalCard.Outcome, Int64)? {
        let name = record.deciderName ?? "somebody"
        let decided = (record.decided ?? record.expires).milliseconds / 1000
        switch record.state {
        case .pending: return nil
        case .expired: return (.expired, record.expires.milliseconds / 1000)
        case .withdrawn: return (.withdrawn, decided)
        case .denied:
            // The reason was given to whoever asked, not to everybody.
            let reason: String? = if case .person = audience { record.note } else { nil }
            return (.denied(by: name, reason: reason), decided)
        case .allowed, .used:
            let grant = try await database.grants(of: record.decidedBy).first { $0.approval == record.id }
            let reach: String? =
                switch grant?.scope {
                case .conversation: "for this conversation"
                case .channel: "always here"
                case .company: "for the company"
                case nil: nil
                }
            return (.allowed(by: name, reach: reach), decided)
        }
    }
}
