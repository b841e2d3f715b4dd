/// A part of an answer that stands in one message, or is split by rules of its own.
enum SlackPiece: Hashable {
    case header(String)
    case divider
    case rich(RichElement)
    case table(SlackTable)

    /// A title is not left alone at the end of a message.
    var isTitle: Bool {
        switch self {
        case .header, .rich(.section(_, isHeading: true)): true
        case .divider, .rich, .table: false
        }
    }

    /// For the text beside the blocks. Escaped.
    var fallback: String {
        switch self {
        case .header(let title): SlackEscaping.words(title)
        case .divider: "———"
        case .rich(let element): element.fallback
        case .table(let table): table.fallback
        }
    }
}
