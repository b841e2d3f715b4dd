/// What a click in one of our messages is about: the `action_id` of each button, the `callback_id` of each modal. The value
/// that comes with it is an id and nothing else; whoever sends it has yet to be asked who they are.
package enum SlackAction: String, Sendable, CaseIterable {
    /// Values are an approval's id.
    case allowOnce = "approval.allow.once"
    case allowConversation = "approval.allow.conversation"
    case allowChannel = "approval.allow.channel"
    case allowCompany = "approval.allow.company"
    case deny = "approval.deny"
    case approvalDetails = "approval.details"
    /// A modal; its `private_metadata` is an approval's id.
    case denialForm = "approval.deny.form"

    /// Values are an answer's message id.
    case answerGood = "answer.good"
    case answerBad = "answer.bad"
    case answerDetails = "answer.details"
    case postAnswer = "answer.post"
    /// All that was changed on the way to the answer.
    case undo = "answer.undo"
    /// A modal; its `private_metadata` is an answer's message id.
    case feedbackForm = "answer.feedback.form"

    /// Values are `channel:ID` or `person:ID`, of Slack's.
    case admit = "admission.allow"
    case turnAway = "admission.refuse"

    /// The value is a grant's id.
    case revokeGrant = "grant.revoke"
    /// A modal; its `private_metadata` says which message of Slack's it is about.
    case questionForm = "question.form"

    /// The value is a conversation's id.
    case stop = "turn.stop"
}
