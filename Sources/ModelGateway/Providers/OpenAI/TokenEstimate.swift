internal import MCP

/// Tokens as they are guessed where nobody counted them. Models cut text differently; four bytes a token is a little
/// more than most need for English and code.
enum TokenEstimate {
    static let bytesPerToken = 4
    /// About what providers charge for an image of ordinary size.
    static let tokensPerImage: Int64 = 1600
    /// What a template puts around each message.
    static let tokensPerMessage: Int64 = 4

    static func tokens(bytes: Int) -> Int64 { Int64((bytes + bytesPerToken - 1) / bytesPerToken) }

    /// Of a translated request: what stands in it, an image for what images take and not for its bytes.
    static func tokens(of request: JSONObject) -> Int64 {
        var (bytes, images) = (0, Int64(0))
        func count(_ value: JSONValue) {
            switch value {
            case .string(let text): bytes += text.utf8.count
            case .array(let items): items.forEach(count)
            case .object(let object):
                guard object["type"]?.stringValue != "image_url" else {
                    images += 1
                    return
                }
                for (name, value) in object {
                    bytes += name.utf8.count
                    count(value)
                }
            case .null, .bool, .int, .double: bytes += 2
            }
        }
        for name in ["messages", "tools"] { request[name].map(count) }
        let frames = Int64(request["messages"]?.arrayValue?.count ?? 0) * tokensPerMessage
        return tokens(bytes: bytes) + frames + images * tokensPerImage
    }
}
