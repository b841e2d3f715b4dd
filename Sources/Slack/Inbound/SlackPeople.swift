package import Model

/// Who an account of Slack's is here: a person's by code, by a confirmed address that the settings know, or, where the
/// settings let the whole workspace in, a person of its own.
package protocol SlackPeople: Sendable {
    /// Throws `ChatError.forbidden`, with a sentence for the account, for one who is nobody here.
    func person(of user: SlackAccount) async throws -> PersonID
    /// Who it is by now, without making anybody of it; `nil` for nobody.
    func known(_ account: String) async throws -> PersonID?
    /// Whom the operator lets a program speak for; `nil`: nobody.
    func principal(ofBot bot: SlackAccount) async throws -> PersonID?
    /// Makes the account one of whoever was given `code`; a sentence about it. Throws `ChatError`.
    func link(_ user: SlackAccount, by code: String) async throws -> String
    /// What Slack says of an account now: whoever is out there is out here.
    func changed(_ user: SlackAccount) async throws
}
