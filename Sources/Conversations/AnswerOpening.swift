internal import Model
internal import Store

/// A tool whose questions can be answered for more than their call, by opening something that others have too: an address
/// of the network, say. The tool brings it; the approval desk knows no tool by name.
protocol AnswerOpening: Sendable {
    /// The tool whose questions these are.
    var tool: String { get }
    /// How far a yes may reach, for an admin in their own name who has not spoken for whoever asks; for others it is good
    /// for the call alone.
    var scopes: [GrantScope] { get }
    /// What a yes of that scope opens, once it is stored. Throws where nothing could be opened: then nothing is answered.
    func opening(_ scope: GrantScope, of approval: ApprovalRecord, in channel: ChannelID) throws -> Opening
}

/// In force, and on record, when this returns. Throws where it could not be: then it never is.
typealias Opening = @Sendable (_ giver: PersonID) async throws -> Void
