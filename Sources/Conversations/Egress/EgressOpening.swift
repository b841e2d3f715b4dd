internal import Model
internal import Store

/// An admin's answer to `egress_request` for the channel or the company: it opens the address for all of them, for a while.
struct EgressOpening: AnswerOpening {
    let book: EgressGrantBook

    var tool: String { EgressServer.name }
    var scopes: [GrantScope] { [.channel, .company] }

    func opening(_ scope: GrantScope, of approval: ApprovalRecord, in channel: ChannelID) throws -> Opening {
        let now = book.database.clock.now()
        let draft = try EgressServer.draft(scope, of: approval, at: now, channel: channel)
        return { [book] giver in _ = try await book.give(draft, by: giver) }
    }
}
