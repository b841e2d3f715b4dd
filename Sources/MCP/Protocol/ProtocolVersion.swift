/// A revision of the Model Context Protocol. There are two eras: up to 2025-11-25 a connection is set up by
/// `initialize`; from 2026-07-28 on each request says its version and capabilities itself.
package struct ProtocolVersion: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let stateless = ProtocolVersion(rawValue: "2026-07-28")
    package static let newestWithInitialize = ProtocolVersion(rawValue: "2025-11-25")
    /// The one revision with JSON-RPC batches.
    static let withBatches = ProtocolVersion(rawValue: "2025-03-26")

    package static let allWithInitialize = [
        newestWithInitialize, ProtocolVersion(rawValue: "2025-06-18"), withBatches,
        ProtocolVersion(rawValue: "2024-11-05"),
    ]

    package var isStateless: Bool { self == .stateless }
    package var description: String { rawValue }
}

/// The `_meta` members of the stateless era.
enum MetaKey {
    static let protocolVersion = "io.modelcontextprotocol/protocolVersion"
    static let clientCapabilities = "io.modelcontextprotocol/clientCapabilities"
    static let clientInfo = "io.modelcontextprotocol/clientInfo"
    static let subscriptionID = "io.modelcontextprotocol/subscriptionId"
    static let serverInfo = "io.modelcontextprotocol/serverInfo"
}
