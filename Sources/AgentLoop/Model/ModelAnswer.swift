import MCP

/// From the bytes of an HTTP response to the model's message.
package struct ModelAnswer: Sendable {
    private let maximumErrorBody: Int
    private var response = HTTPResponseParser()
    private var events = EventStreamParser()
    private var assembler = MessageAssembler()
    private var head: HTTPResponseParser.Head?
    private var errorBody: [UInt8] = []

    package init(maximumErrorBody: Int = 1 << 20) {
        self.maximumErrorBody = maximumErrorBody
    }

    /// The message, as soon as it is complete.
    package mutating func take(_ bytes: ArraySlice<UInt8>) throws(ModelFailure) -> ModelMessage? {
        try take(try response.push(bytes))
    }

    /// The peer has closed: the message, or why there is none.
    package mutating func close() throws(ModelFailure) -> ModelMessage {
        if let message = try take(try response.close()) { return message }
        throw .broken("the model's answer broke off")
    }

    private mutating func take(_ pieces: [HTTPResponseParser.Piece]) throws(ModelFailure) -> ModelMessage? {
        for piece in pieces {
            switch piece {
            case .head(let head):
                self.head = head
                guard head.status != 200 || head.headers["content-type"]?.hasPrefix("text/event-stream") == true else {
                    throw .broken("the model's door answered with something else than a stream of events")
                }
            case .body(let bytes):
                guard head?.status == 200 else {
                    errorBody.append(contentsOf: bytes.prefix(max(0, maximumErrorBody - errorBody.count)))
                    continue
                }
                for event in try events.push(bytes) { try assembler.take(event) }
                if assembler.isComplete { return try assembler.message() }
            case .end:
                guard let head, head.status != 200 else { throw .broken("the model's answer broke off") }
                throw MessageAssembler.failure(try? JSONValue(parsing: errorBody), status: head.status)
            }
        }
        return nil
    }
}
