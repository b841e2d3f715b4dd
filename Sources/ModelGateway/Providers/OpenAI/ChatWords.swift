internal import MCP

/// Single words of the chat completions API as those of the Messages API.
enum ChatWords {
    /// What an answer that asks for tools, or refuses, ended for. `matched` is the stop sequence that ended it, where the
    /// server says it: OpenAI's own does not, and then it reads as the model's own end.
    static func stop(
        _ reason: String?, asksForTools: Bool, refuses: Bool, matched: JSONValue?, sequences: [String]
    ) -> (reason: String, sequence: JSONValue) {
        switch reason {
        case "length": return ("max_tokens", .null)
        case "content_filter": return ("refusal", .null)
        // Some servers say `stop` although they ask for tools.
        case _ where asksForTools: return ("tool_use", .null)
        case _ where refuses: return ("refusal", .null)
        default:
            if let text = matched?.stringValue, sequences.contains(text) { return ("stop_sequence", .string(text)) }
            return ("end_turn", .null)
        }
    }

    /// In the Messages API cached tokens are not among the input's. `nil` where there are no figures that can be used.
    static func usage(_ usage: JSONValue?) -> JSONObject? {
        guard let input = count(usage?["prompt_tokens"]), let output = count(usage?["completion_tokens"]) else {
            return nil
        }
        let cached = min(input, count(usage?["prompt_tokens_details"]?["cached_tokens"]) ?? 0)
        return [
            "input_tokens": .int(input - cached), "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": .int(cached), "output_tokens": .int(output),
        ]
    }

    /// Where none came: marked, so that the books can say that it is no provider's figure.
    static func estimatedUsage(input: Int64, outputBytes: Int) -> JSONObject {
        [
            "input_tokens": .int(input), "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "output_tokens": .int(TokenEstimate.tokens(bytes: outputBytes)), "estimated": true,
        ]
    }

    private static func count(_ value: JSONValue?) -> Int64? {
        guard let count = value?.intValue, count >= 0 else { return nil }
        return min(count, 1_000_000_000)
    }

    /// The server's own id of a call where the Messages API would take it too, else one made from the answer's.
    static func callID(_ id: String?, number: Int, answer: String, taken: Set<String>) -> String {
        if let id, isPlain(id), !taken.contains(id) { return id }
        return "toolu_\(answer)_\(number)"
    }

    static func answerID(_ id: JSONValue?) -> String {
        guard let id = id?.stringValue, isPlain(id) else { return "msg_translated" }
        return id
    }

    private static func isPlain(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// A call's arguments as a tool's input; none at all is an empty one. `nil` where they are no JSON object.
    static func input(_ arguments: String) -> JSONObject? {
        let isEmpty = arguments.utf8.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return isEmpty ? [:] : (try? JSONValue(parsing: arguments))?.objectValue
    }

    /// Usually a text; some servers send the object itself.
    static func arguments(_ value: JSONValue?) -> String {
        switch value {
        case .string(let text): text
        case .object(let object): JSONValue.object(object).text
        default: ""
        }
    }

    static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }
}
