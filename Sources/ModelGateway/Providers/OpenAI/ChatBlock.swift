internal import MCP

/// A block of an answer while its pieces come: a text, or a call of a tool.
struct ChatBlock {
    struct Call {
        let index: Int64?
        var id: String
        var name: String
    }

    var call: Call?
    /// Its place in the message; `nil` before it is shown.
    var number: Int64?
    /// What came and was not passed on.
    private var pending: String
    /// All of a call's arguments.
    private var arguments = ""

    init(text: String) {
        pending = text
    }

    init(call: Call, arguments: String) {
        self.call = call
        pending = arguments
        self.arguments = arguments
    }

    mutating func append(_ more: String) {
        pending += more
        if call != nil { arguments += more }
    }

    /// Blank text is held back: on its own it is no block that the Messages API would take in a later request.
    var canBegin: Bool {
        call.map { !$0.name.isEmpty } ?? !ChatWords.isBlank(pending)
    }

    /// Nothing has to follow when the answer has ended: no arguments at all are none.
    var isWhole: Bool { call == nil || ChatWords.input(arguments) != nil }

    /// Nothing can follow although the answer goes on. A call whose arguments have not begun may still get some. The last
    /// byte is looked at first, so that long arguments are not read anew with each of their pieces.
    var isClosed: Bool {
        call == nil || (arguments.utf8.last == UInt8(ascii: "}") && isWhole)
    }

    /// What can be passed on now.
    mutating func next() -> JSONValue? {
        guard !pending.isEmpty else { return nil }
        defer { pending = "" }
        return call == nil
            ? ["type": "text_delta", "text": .string(pending)]
            : ["type": "input_json_delta", "partial_json": .string(pending)]
    }
}
