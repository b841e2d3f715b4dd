/// The answers to one JSON-RPC batch, which go out together. Only the revision 2025-03-26 has batches.
struct AnswerBatch {
    /// What is still to come, and one for the reading of the batch itself.
    private var open = 1
    private var answers: [[UInt8]] = []

    private static let maximumMessages = 100

    static func check(_ messages: [JSONValue], version: ProtocolVersion?) throws(MCPError) {
        guard version == .withBatches else { throw .invalidRequest("this protocol version has no batches") }
        guard (1...maximumMessages).contains(messages.count) else {
            throw .invalidRequest("a batch has to have 1 to \(maximumMessages) messages")
        }
    }

    mutating func expectOne() {
        open += 1
    }

    /// True with the last one.
    mutating func add(_ answer: [UInt8]?) -> Bool {
        if let answer { answers.append(answer) }
        open -= 1
        return open == 0
    }

    /// `nil` where nothing in the batch wanted an answer.
    var message: [UInt8]? {
        answers.isEmpty
            ? nil : [UInt8(ascii: "[")] + answers.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}
