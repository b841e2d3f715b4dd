internal import Conversations
package import Egress
package import Model
internal import Settings

extension EgressProxy: EgressDoors {
    package func open(door listening: CInt, for session: SessionID, name: EgressDoorName) async throws {
        try await open(door: listening, for: session, name: name, expectedUser: nil, reach: nil)
    }
}

extension EgressLimits {
    init(_ settings: EgressSettings) {
        self.init()
        connections = settings.connections
        connectionsPerSecond = settings.connectionsPerSecond
        burst = settings.connectionsPerSecond * 2
        bytesUp = Int64(settings.bytesUp)
        bytesDown = Int64(settings.bytesDown)
        idle = settings.idle
        total = settings.total
    }
}
