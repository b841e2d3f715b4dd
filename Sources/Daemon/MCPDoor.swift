internal import Glibc
internal import MCP

/// `mcp.sock`: any MCP client as the agent of a session of its own.
struct MCPDoor: Sendable {
    let path: String
    let serve: @Sendable (UnixListener.Peer) async -> Void
    private let places = ClientPlaces()

    static let socketMode: mode_t = 0o666

    /// `serve` owns the connection, and closes it.
    init(path: String, serve: @escaping @Sendable (UnixListener.Peer) async -> Void) {
        self.path = path
        self.serve = serve
    }

    func run() async throws {
        let listener = try UnixListener(path: path, mode: Self.socketMode)
        defer { listener.close() }
        await withDiscardingTaskGroup { group in
            for await peer in listener.connections() {
                if let refusal = places.enter(peer.user) {
                    Self.refuse(peer, refusal)
                    continue
                }
                group.addTask {
                    await serve(peer)
                    places.leave(peer.user)
                }
            }
        }
    }

    /// In the form of an answer to the hello, which may not have come yet. Never waits: a new connection has room for it.
    private static func refuse(_ peer: UnixListener.Peer, _ message: String) {
        let line = JSONValue.object(["error": .string(message)]).serialized() + [0x0A]
        _ = line.withUnsafeBytes {
            send(peer.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        close(peer.descriptor)
    }
}
