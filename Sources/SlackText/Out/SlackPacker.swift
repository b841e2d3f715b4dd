internal import MCP

/// Puts pieces into messages, in order, each within Slack's limits. Of what takes more messages than an answer may have,
/// only so much is packed that this is known.
struct SlackPacker {
    private let limits: MessageLimits
    private var pieces: [SlackPiece] = []
    private var used = 0
    private var blocks = 0
    private var hasTable = false
    private(set) var messages: [[SlackPiece]] = []

    init(limits: MessageLimits) {
        self.limits = limits
    }

    /// For the parts of a message around the pieces: the line feeds between paragraphs, the frame of a block.
    private static let margin = 200

    private var room: Int { limits.blocksWeight - Self.margin - used }

    mutating func add(_ piece: SlackPiece) {
        var rest: SlackPiece? = piece
        while let piece = rest, messages.count <= limits.messages {
            rest = nil
            if fits(piece) {
                put(piece)
                continue
            }
            // Better whole in the next message than cut here, unless much of this one would stay empty.
            if !pieces.isEmpty, room < limits.blocksWeight / 3 || isSmall(piece) || !hasBlockLeft(for: piece) {
                close()
                rest = piece
                continue
            }
            let parts = split(piece)
            put(parts.first)
            rest = parts.rest
            if rest != nil { close() }
        }
    }

    mutating func finish() {
        pieces.isEmpty ? () : close(isLast: true)
    }

    private func isSmall(_ piece: SlackPiece) -> Bool { Self.weight(piece) <= limits.blocksWeight / 3 }

    private func hasBlockLeft(for piece: SlackPiece) -> Bool {
        blocks + (needsBlock(piece) ? 1 : 0) <= limits.blocks && !(hasTable && piece.isTable)
    }

    private func fits(_ piece: SlackPiece) -> Bool {
        guard hasBlockLeft(for: piece), Self.weight(piece) + MessageLimits.blockOverhead <= room else { return false }
        if case .table(let table) = piece { return table.split(weight: room).rest == nil }
        return true
    }

    /// Rich text goes on in the block before it.
    private func needsBlock(_ piece: SlackPiece) -> Bool {
        if case .rich = piece, case .rich? = pieces.last { false } else { true }
    }

    private func split(_ piece: SlackPiece) -> (first: SlackPiece, rest: SlackPiece?) {
        let room = max(1, room - MessageLimits.blockOverhead)
        switch piece {
        case .rich(let element):
            return element.split(weight: room).map { (.rich($0), .rich($1)) } ?? (piece, nil)
        case .table(let table):
            let (first, rest) = table.split(weight: room)
            return (.table(first), rest.map { .table($0) })
        case .header, .divider:
            return (piece, nil)
        }
    }

    private mutating func put(_ piece: SlackPiece) {
        used += Self.weight(piece) + (needsBlock(piece) ? MessageLimits.blockOverhead : 40)
        blocks += needsBlock(piece) ? 1 : 0
        hasTable = hasTable || piece.isTable
        pieces.append(piece)
    }

    /// Ends the message. A title at its end begins the next one, and the title above that.
    private mutating func close(isLast: Bool = false) {
        var carried: [SlackPiece] = []
        if !isLast {
            while pieces.count > 1, carried.count < 2, let last = pieces.last, last.isTitle {
                carried.insert(last, at: 0)
                pieces.removeLast()
            }
        }
        messages.append(pieces)
        (pieces, used, blocks, hasTable) = ([], 0, 0, false)
        for piece in carried { put(piece) }
    }

    static func weight(_ piece: SlackPiece) -> Int {
        switch piece {
        case .header(let title): TextCut.weight(title) + 80
        case .divider: 20
        case .rich(let element): element.weight
        case .table(let table): table.json.text.utf16.count
        }
    }
}

extension SlackPiece {
    fileprivate var isTable: Bool {
        if case .table = self { true } else { false }
    }
}
