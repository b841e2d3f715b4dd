/// What Slack takes, and how much of it an answer uses. Slack counts characters; here they are UTF-16 units, which are never
/// fewer.
package struct MessageLimits: Hashable, Sendable {
    /// Blocks in a message that is an answer: Slack takes 50, the rest is for what is put under it.
    package var blocks = 46
    /// Of a message's blocks written as JSON, with ``blockOverhead`` for each. Slack documents no limit of the whole and
    /// refuses (`msg_blocks_too_long`) at about 13,200, in which blocks and marks count as well as letters.
    package var blocksWeight = 12_000
    /// Of the text beside the blocks, which notifications show; Slack advises 4,000.
    package var fallback = 3_900
    /// An answer of more messages than this becomes its beginning and a file.
    package var messages = 4
    /// How much of it comes before the file, by the weight of ``blocksWeight``.
    package var beginning = 3_000

    package init() {}

    /// Of a whole message, with what stands under an answer.
    static let mostBlocks = 50
    static let mostWeight = 13_000
    static let blockOverhead = 125
    static let header = 150
    static let sectionText = 3_000
    static let url = 3_000
    static let tableRows = 100
    static let tableColumns = 20
    static let tableText = 10_000
}
