internal import Glibc
internal import MCP

/// `bulkhead channels`: where one talks, and with whom.
package enum ChannelsReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await report(at: location, json: json) { client in
            let channels = try await client.channels()
            let value = JSONValue.array(
                channels.map { ["id": .string($0.id), "name": .string($0.name), "direct": .bool($0.isDirect)] })
            return (["channels": value], channels.map { StyledLine($0.isDirect ? "direct messages" : "#" + $0.name) })
        }
    }

    package static func create(_ name: String, at location: DaemonLocation, json: Bool) async -> Int32 {
        await report(at: location, json: json) { client in
            let channel = try await client.createChannel(name)
            return (
                ["id": .string(channel.id), "name": .string(channel.name)],
                [StyledLine("✓ ", .green) + StyledLine("#\(channel.name) is there, with you alone in it.")]
            )
        }
    }

    package static func members(of name: String, at location: DaemonLocation, json: Bool) async -> Int32 {
        await report(at: location, json: json) { client in
            let answer = try await client.members(of: try await channel(name, client).id)
            return (answer, lines(answer))
        }
    }

    package static func add(_ person: String, to name: String, at location: DaemonLocation, json: Bool) async -> Int32 {
        await report(at: location, json: json) { client in
            let channel = try await channel(name, client)
            let answer = try await client.addMember(person, to: channel.id)
            let words = "\(person) is in #\(channel.name), and reads what was said there before too."
            return (answer, [StyledLine("✓ ", .green) + StyledLine(words)])
        }
    }

    /// `person`: by name or identifier.
    package static func remove(_ person: String, from name: String, at location: DaemonLocation, json: Bool) async
        -> Int32
    {
        await report(at: location, json: json) { client in
            let channel = try await channel(name, client)
            let members = try await client.members(of: channel.id)["members"]?.arrayValue ?? []
            let member = members.first { $0["id"]?.stringValue == person || $0["name"]?.stringValue == person }
            guard let id = member?["id"]?.stringValue else {
                throw TerminalError(.notFound, "\(person) is not in #\(channel.name).")
            }
            try await client.removeMember(id, from: channel.id)
            let words = "\(person) is not in #\(channel.name) any more."
            return (["removed": .string(id)], [StyledLine("✓ ", .green) + StyledLine(words)])
        }
    }

    static func lines(_ answer: JSONValue) -> [StyledLine] {
        (answer["members"]?.arrayValue ?? []).map { member in
            StyledLine(member["name"]?.stringValue ?? "")
                + StyledLine(" (\(member["role"]?.stringValue ?? ""))", .dim)
        }
    }

    private static func channel(_ name: String, _ client: APIClient) async throws -> Channel {
        try ChatDestination.find(channel: name, thread: nil, in: try await client.channels()).channel
    }

    private static func report(
        at location: DaemonLocation, json: Bool,
        _ body: @Sendable @escaping (APIClient) async throws -> (JSONValue, [StyledLine])
    ) async -> Int32 {
        await CommandResult.status(json: json) {
            let (value, lines) = try await APIClient.with(socketPath: location.consoleSocket, body)
            if json { CommandResult.printJSON(value) } else { TerminalDevice.print(lines, to: STDOUT_FILENO) }
            return 0
        }
    }
}
