internal import MCP

/// `bulkhead channels`: where one talks, and with whom.
package enum ChannelsReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            let channels = try await client.channels()
            return [
                "channels": .array(
                    channels.map { ["id": .string($0.id), "name": .string($0.name), "direct": .bool($0.isDirect)] })
            ]
        } lines: { answer, _ in
            (answer["channels"]?.arrayValue ?? []).map {
                StyledLine($0["direct"] == true ? "direct messages" : "#" + ($0["name"]?.stringValue ?? ""))
            }
        }
    }

    package static func create(_ name: String, at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            let channel = try await client.createChannel(name)
            return ["id": .string(channel.id), "name": .string(channel.name)]
        } lines: { answer, _ in
            [CommandResult.done("#\(answer["name"]?.stringValue ?? name) is there, with you alone in it.")]
        }
    }

    package static func members(of name: String, at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.members(of: try await channel(name, client).id)
        } lines: { answer, _ in
            lines(answer)
        }
    }

    package static func add(_ person: String, to name: String, at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.addMember(person, to: try await channel(name, client).id)
        } lines: { _, _ in
            [CommandResult.done("\(person) is in \(shown(name)), and reads what was said there before too.")]
        }
    }

    /// `person`: by name or identifier.
    package static func remove(_ person: String, from name: String, at location: DaemonLocation, json: Bool) async
        -> Int32
    {
        await CommandResult.report(at: location, json: json) { client in
            let channel = try await channel(name, client)
            let members = try await client.members(of: channel.id)["members"]?.arrayValue ?? []
            let member = members.first { $0["id"]?.stringValue == person || $0["name"]?.stringValue == person }
            guard let id = member?["id"]?.stringValue else {
                throw TerminalError(.notFound, "\(person) is not in #\(channel.name).")
            }
            try await client.removeMember(id, from: channel.id)
            return ["removed": .string(id)]
        } lines: { _, _ in
            [CommandResult.done("\(person) is not in \(shown(name)) any more.")]
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

    private static func shown(_ name: String) -> String { name.hasPrefix("#") ? name : "#" + name }
}
