/// Finding out what the server speaks.
extension ClientSession {
    /// Finds out which era the server is of: asks `server/discover`, and where that is answered by an error or not at
    /// all, sets the connection up by `initialize`. `silence` is how long the first question may stay unanswered,
    /// and not part of `timeout`;
    /// `probes` is false for a server known not to know it.
    package func connect(
        timeout: Duration = .seconds(30), silence: Duration = .seconds(2), probes: Bool = true
    ) async throws -> ServerDescription {
        let server: ServerDescription
        if probes, let found = try await discover(timeout: silence) {
            server = found
        } else {
            do {
                server = try await initialize(timeout: timeout)
            } catch let error as MCPError where error.isModern {
                // The probe did reach it, only too late for our patience: it has settled for the stateless era.
                guard let found = try await discover(timeout: timeout) else { throw error }
                server = found
            }
        }
        version = server.protocolVersion
        if version == .stateless, toolsChangedHandler != nil, server.capabilities["tools"]?["listChanged"] == true {
            try await listenForChanges()
        }
        return server
    }

    /// `nil` where the server does not know the stateless era: any error but the one that only that era has, or silence.
    private func discover(timeout: Duration) async throws -> ServerDescription? {
        let result: JSONObject
        do {
            result = try await request("server/discover", ["_meta": .object(meta)], timeout: timeout)
        } catch let error as MCPError {
            if error.isLocal, error.code != .requestTimedOut { throw error }
            let supported = error.data?["supported"]?.arrayValue ?? []
            if error.code == .unsupportedProtocolVersion, !supported.isEmpty,
                !supported.contains(where: {
                    ProtocolVersion.allWithInitialize.map(\.rawValue).contains($0.stringValue)
                })
            {
                throw error
            }
            return nil
        }
        let supported = result["supportedVersions"]?.arrayValue ?? []
        guard supported.contains(.string(ProtocolVersion.stateless.rawValue)) else { return nil }
        return description(result, version: .stateless)
    }

    private func initialize(timeout: Duration) async throws -> ServerDescription {
        let result = try await request(
            "initialize",
            [
                "protocolVersion": .string(ProtocolVersion.newestWithInitialize.rawValue), "capabilities": [:],
                "clientInfo": .object(info.json),
            ], timeout: timeout)
        let answered = ProtocolVersion(rawValue: result["protocolVersion"]?.stringValue ?? "")
        guard ProtocolVersion.allWithInitialize.contains(answered) else {
            throw MCPError.local(.badAnswer, "the server wants the unknown protocol version \(answered)")
        }
        try await transport.send(RPCMessage.notification("notifications/initialized"))
        return description(result, version: answered)
    }

    /// Asks the server to say when its tools change. The request stays open; its id is a string, so that it can never
    /// be one of those that are waited for.
    private func listenForChanges() async throws {
        try await transport.send(
            RPCMessage.request(
                .string("tools"), "subscriptions/listen",
                ["_meta": .object(meta), "notifications": ["toolsListChanged": true]]))
    }

    private func description(_ result: JSONObject, version: ProtocolVersion) -> ServerDescription {
        ServerDescription(
            info: Implementation(json: result["_meta"]?[MetaKey.serverInfo] ?? result["serverInfo"]),
            protocolVersion: version, instructions: result["instructions"]?.stringValue,
            capabilities: result["capabilities"]?.objectValue ?? [:])
    }

    var meta: JSONObject {
        [
            MetaKey.protocolVersion: .string(ProtocolVersion.stateless.rawValue), MetaKey.clientCapabilities: [:],
            MetaKey.clientInfo: .object(info.json),
        ]
    }
}

extension MCPError {
    /// An error that only servers of the stateless era give.
    fileprivate var isModern: Bool {
        code == .unsupportedProtocolVersion && !isLocal
            && data?["supported"]?.arrayValue?.contains(.string(ProtocolVersion.stateless.rawValue)) == true
    }
}
