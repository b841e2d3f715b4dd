internal import Conversations
internal import Model
internal import SlackText

extension ApprovalCard {
    /// The question as the gate puts it, in Slack's form.
    init(_ view: ApprovalView, place: String? = nil) {
        self.init(
            id: view.id.rawValue, tool: view.tool, effect: view.effect.rawValue,
            isDangerous: view.effect == .destructive || view.effect == .external, arguments: view.arguments,
            reason: view.reason, requester: view.requester, place: place, approvers: view.approvers, rule: view.rule,
            details: view.details, labels: Self.words(view.labels), expires: view.expires.milliseconds / 1000,
            scopes: Self.scopes(view.scopes), isExact: view.isExact)
    }

    static func scopes(_ scopes: [GrantScope]) -> Set<Scope> {
        Set(
            scopes.map { scope -> Scope in
                switch scope {
                case .conversation: .conversation
                case .channel: .channel
                case .company: .company
                }
            })
    }

    private static func words(_ labels: Labels) -> [String] {
        (labels.contains(.untrusted) ? ["content from outside"] : [])
            + (labels.contains(.private) ? ["private data"] : [])
    }
}
