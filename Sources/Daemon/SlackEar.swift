internal import Logging
internal import MCP
internal import Settings
internal import SlackAPI

/// The way by which Slack tells: connections of ours to it, or requests of its own to us.
enum SlackEar: Sendable {
    /// With the client whose app token opens the connections.
    case socket(SocketMode, SlackClient)
    case requests(SlackListener)

    struct Status: Sendable {
        var state: String
        var connections: Int
        var problem: String?
        var isHearing: Bool
    }

    var status: Status {
        switch self {
        case .socket(let socket, _):
            let status = socket.status
            return Status(
                state: status.state.rawValue, connections: status.connections, problem: status.lastError?.message,
                isHearing: status.state == .connected)
        case .requests(let listener): return listener.status
        }
    }

    /// Until cancelled. One path for both: `handle` returns when what came is durable, with an answer where it has one.
    /// `cameUp`: it hears again, and may have missed something.
    func run(
        cameUp: @escaping @Sendable () -> Void, handle: @escaping @Sendable (SlackEnvelope) async throws -> JSONValue?
    ) async {
        switch self {
        case .socket(let socket, let client):
            await socket.run(cameUp: cameUp, handle: handle)
            await client.shutdown()
        case .requests(let listener): await listener.run(cameUp: cameUp, handle: handle)
        }
    }
}
