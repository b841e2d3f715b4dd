/// The id of a JSON-RPC request. MCP knows strings and integers, never `null`.
package enum RequestID: Hashable, Sendable, CustomStringConvertible {
    case int(Int64)
    case string(String)

    init?(_ json: JSONValue?) {
        switch json {
        case .int(let value): self = .int(value)
        case .string(let value): self = .string(value)
        default: return nil
        }
    }

    package var json: JSONValue {
        switch self {
        case .int(let value): .int(value)
        case .string(let value): .string(value)
        }
    }

    package var description: String {
        switch self {
        case .int(let value): String(value)
        case .string(let value): value
        }
    }
}
