package import MCP
internal import NIOHTTP1

extension APIClient {
    package func createChannel(_ name: String) async throws -> Channel {
        try Channel(await post("/api/channels", ["name": .string(name)]))
    }

    package func members(of channel: String) async throws -> JSONValue {
        try await get(Self.members(channel)).value
    }

    package func addMember(_ person: String, to channel: String) async throws -> JSONValue {
        try await post(Self.members(channel), ["person": .string(person)]).value
    }

    /// `person`: an identifier.
    package func removeMember(_ person: String, from channel: String) async throws {
        _ = try await send(.DELETE, Self.members(channel) + "/" + PercentEncoding.encode(person), [], body: nil)
    }

    private static func members(_ channel: String) -> String {
        "/api/channels/\(PercentEncoding.encode(channel))/members"
    }
}
