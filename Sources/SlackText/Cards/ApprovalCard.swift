package import MCP

/// A question of the gate, as it is put to people in Slack.
package struct ApprovalCard: Hashable, Sendable {
    package enum Scope: Hashable, Sendable {
        case conversation, channel, company
    }

    /// The approval's: all that its buttons carry.
    package var id: String
    package var tool: String
    /// In a word: "external", "destructive".
    package var effect: String
    /// Whether a yes cannot be taken back or is felt by others: then Slack asks once more.
    package var isDangerous: Bool
    package var arguments: JSONValue
    package var reason: String
    package var requester: String
    /// Where it was asked, as people call it; `nil` where it is shown there.
    package var place: String?
    /// Who may decide, in words.
    package var approvers: String
    package var rule: String
    /// What it would work on, as text.
    package var details: String?
    /// What the conversation has touched, in words.
    package var labels: [String]
    /// Seconds since 1970.
    package var expires: Int64
    /// How far a yes may reach beyond the call.
    package var scopes: Set<Scope>
    /// Beyond the call, a yes is good for these very arguments alone.
    package var isExact: Bool
    /// Those who decide see more than is given here.
    package var isShortened: Bool
    /// Who is to hear of it.
    package var calls: [SlackMention]

    package init(
        id: String, tool: String, effect: String, isDangerous: Bool, arguments: JSONValue, reason: String,
        requester: String, place: String? = nil, approvers: String, rule: String, details: String? = nil,
        labels: [String] = [], expires: Int64, scopes: Set<Scope> = [], isExact: Bool = true,
        isShortened: Bool = false, calls: [SlackMention] = []
    ) {
        self.id = id
        self.tool = tool
        self.effect = effect
        self.isDangerous = isDangerous
        self.arguments = arguments
        self.reason = reason
        self.requester = requester
        self.place = place
        self.approvers = approvers
        self.rule = rule
        self.details = details
        self.labels = labels
        self.expires = expires
        self.scopes = scopes
        self.isExact = isExact
        self.isShortened = isShortened
        self.calls = calls
    }

    /// Letters of arguments, and of details, that the card itself shows; the modal has all of them.
    static let shown = 2_400

    /// With its buttons.
    package var message: BlockMessage {
        let arguments = ArgumentText(self.arguments)
        let details = self.details.map { CutText($0, most: Self.shown / 2) }
        var blocks = [BlockKit.paragraph(title("Approval needed"))]
        if !reason.isEmpty { blocks.append(BlockKit.paragraph([BlockKit.words(reason)])) }
        blocks.append(BlockKit.rich(arguments.elements(most: Self.shown)))
        if let details { blocks.append(BlockKit.rich([.code(details.text)])) }
        let isCut = isShortened || arguments.isCut(at: Self.shown) || details?.isCut == true
        if isCut {
            blocks.append(BlockKit.paragraph([RichRun("There is more: read all of it in Details first.", .bold)]))
        }
        if !labels.isEmpty {
            let touched = labels.joined(separator: ", ")
            blocks.append(BlockKit.paragraph([RichRun("This conversation has touched: "), BlockKit.words(touched)]))
        }
        blocks.append(BlockKit.paragraph(terms))
        blocks.append(BlockKit.actions(buttons(isCut: isCut)))
        let text = "Approval needed: \(tool), asked by \(requester). \(reason)"
        return BlockMessage(
            text: SlackEscaping.cutEscaped(
                (calls.map(\.token) + [SlackEscaping.words(text)]).joined(separator: " "), most: 2_000), blocks: blocks)
    }

    func title(_ head: String) -> [RichRun] {
        calls.flatMap { [RichRun(.mention($0)), RichRun(" ")] } + [
            RichRun(head + ": ", .bold), BlockKit.words(tool, .code),
            BlockKit.words(" (\(effect)), asked by \(requester)" + (place.map { " in \($0)" } ?? "")),
        ]
    }

    private var terms: [RichRun] {
        [
            BlockKit.words("Rule: \(rule). Decided by \(approvers). Open until "), BlockKit.time(expires), RichRun("."),
        ]
    }

    private func buttons(isCut: Bool) -> [JSONValue] {
        let exactly = isExact ? "with these very arguments" : "whatever its arguments"
        func sure(_ reach: String) -> JSONValue? {
            guard isDangerous || isCut else { return nil }
            let warning = isCut ? " The card does not show all of it: Details does." : ""
            return BlockKit.confirm(
                title: "Allow \(tool)?", "\(effect.prefix(1).uppercased() + effect.dropFirst()), \(reach).\(warning)",
                yes: "Allow")
        }
        var buttons = [
            BlockKit.button("Allow once", .allowOnce, value: id, style: .primary, confirm: sure("this once"))
        ]
        // What reaches beyond the call is always asked twice: a slip is not to last for months.
        let reaches: [(Scope, SlackAction, String, String)] = [
            (.conversation, .allowConversation, "For this conversation", "for this conversation"),
            (.channel, .allowChannel, "Always here", "in every conversation of this channel"),
            (.company, .allowCompany, "For the company", "for everybody in the company"),
        ]
        for (scope, action, title, words) in reaches where scopes.contains(scope) {
            let reach = "\(words), \(exactly)"
            let confirm = sure(reach) ?? BlockKit.confirm(title: "Allow \(tool)?", "Allowed \(reach).", yes: "Allow")
            buttons.append(BlockKit.button(title, action, value: id, confirm: confirm))
        }
        buttons.append(BlockKit.button("Deny", .deny, value: id, style: .danger))
        buttons.append(BlockKit.button("Details", .approvalDetails, value: id))
        return buttons
    }
}
