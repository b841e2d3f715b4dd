internal import MCP

/// The most a call may cost, before it is made.
///
/// Tokenizers work on bytes, so a text has no more tokens than bytes; usually it has a quarter of that. An image's tokens
/// follow from its size in pixels and not in bytes. Where a call asks to write the cache, all of its input is taken for
/// written.
enum CallEstimate {
    /// What the largest image comes to. https://docs.claude.com/en/docs/build-with-claude/vision
    static let tokensOfImage: Int64 = 6000

    /// Input tokens at most.
    static func inputTokens(_ request: MessagesRequest) -> Int64 {
        let images = imageBytes(in: .object(request.content))
        return max(0, Int64(request.size) - images.bytes) + images.count * tokensOfImage
    }

    /// Millionths of a dollar at most, at `price`.
    static func microdollars(_ request: MessagesRequest, at price: ModelPrice) -> Int64 {
        let tokens = inputTokens(request)
        let output = Int64(request.content["max_tokens"]?.intValue ?? 0)
        let writes = cacheLife(in: .object(request.content))
        var dearest = TokenUsage(input: tokens, output: output)
        var most = price.microdollars(for: dearest)
        for life in writes {
            dearest = TokenUsage(output: output)
            if life == .hour { dearest.cacheWrite1h = tokens } else { dearest.cacheWrite5m = tokens }
            most = max(most, price.microdollars(for: dearest))
        }
        return most
    }

    private enum Life { case minutes, hour }

    /// How long what the request writes into the cache is asked to live.
    private static func cacheLife(in value: JSONValue) -> Set<Life> {
        switch value {
        case .object(let object):
            var found: Set<Life> = []
            for (name, inner) in object {
                if name == "cache_control", !inner.isNull {
                    found.insert(inner["ttl"]?.stringValue == "1h" ? .hour : .minutes)
                } else {
                    found.formUnion(cacheLife(in: inner))
                }
            }
            return found
        case .array(let list):
            return list.reduce(into: []) { $0.formUnion(cacheLife(in: $1)) }
        default: return []
        }
    }

    private static func imageBytes(in value: JSONValue) -> (bytes: Int64, count: Int64) {
        switch value {
        case .object(let object):
            if object["type"]?.stringValue == "image", let data = object["source"]?["data"]?.stringValue {
                return (Int64(data.utf8.count), 1)
            }
            return object.reduce((0, 0)) { sum, member in
                let inner = imageBytes(in: member.value)
                return (sum.0 + inner.bytes, sum.1 + inner.count)
            }
        case .array(let list):
            return list.reduce((0, 0)) { sum, item in
                let inner = imageBytes(in: item)
                return (sum.0 + inner.bytes, sum.1 + inner.count)
            }
        default: return (0, 0)
        }
    }
}
