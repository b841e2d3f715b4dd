package import MCP

/// How long the provider keeps a prompt after its last use. What is to live longer has to stand first in a request.
package enum CacheLife: String, Sendable, Hashable {
    case minutes = "5m"
    case hour = "1h"

    /// A breakpoint: everything up to the block that carries it is kept.
    package var mark: JSONValue {
        switch self {
        case .minutes: ["type": "ephemeral"]
        case .hour: ["type": "ephemeral", "ttl": "1h"]
        }
    }
}
