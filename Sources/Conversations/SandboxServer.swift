internal import MCP
internal import Model
internal import Synchronization
internal import ToolServers
internal import WorkspaceTools

/// The tools of a session's workspace container. The container is started by the first call, and anew by the first call
/// after it died: what bash runs can kill its own sandbox, and costs one call by that.
struct SandboxServer: ToolServer {
    let compartment: any SessionCompartment
    let volumes: SessionVolumes
    /// Whether what comes of the session is for its requester alone: then nothing others read is writable.
    let isPrivate: @Sendable () async throws -> Bool
    /// Called before the sandbox is used: what is private has no way out by then.
    let settleEgress: @Sendable () async throws -> Void
    /// Bytes of a file that is taken out.
    let limit: Int
    /// Keeps what write tools replace; `nil` where nothing is to be undone.
    var journal: UndoJournal?
    /// For commands that are given secrets; `nil` where there are none.
    var errands: Errands?

    /// Declared here, not asked of the container: what runs there may say anything.
    var tools: [RegisteredTool] { Self.declared }

    static let declared: [RegisteredTool] = WorkspaceServer.declarations(root: "/workspace").map { tool in
        let nature = BuiltInTool.named(tool.name)
        return RegisteredTool(
            tool: tool, effect: nature.effect, server: "workspace", runsCommands: nature.runsCommands)
    }

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        var arguments = arguments
        if context.needsCleanShell { arguments[BashTool.cleanEnvironment] = true }
        if let evidence = context.evidence, Self.isHeld(name) {
            arguments["expect"] = evidence.filesJSON
            if let directory = evidence.directory { arguments[BashTool.directory] = .string(directory) }
        }
        if name == "bash", let secrets = arguments[CommandSecrets.key] {
            arguments[CommandSecrets.key] = nil
            return try await run(arguments, with: secrets, context)
        }
        guard let journal, UndoJournal.covers(name) else {
            return try await perform(name, arguments, onProgress: context.reportProgress)
        }
        let isRecorded = await journal.note(name, arguments, context, in: self)
        let result = try await perform(name, arguments, onProgress: context.reportProgress)
        if isRecorded, result.isError { await journal.drop(context.call) }
        return result
    }

    func evidence(for name: String, arguments: JSONObject, like earlier: Evidence?) async throws -> Evidence? {
        guard Self.isHeld(name) else { return nil }
        return try await look(for: name, arguments, directory: earlier?.directory).evidence
    }

    /// Whether an approval binds what the tool works on. The others only look.
    private static func isHeld(_ tool: String) -> Bool { tool == "bash" || UndoJournal.covers(tool) }

    /// What a call would work on; host-only. `after`: digest of what an edit would leave.
    func look(
        for tool: String, _ arguments: JSONObject, directory: String? = nil
    ) async throws -> (evidence: Evidence, after: String?) {
        var asked: JSONObject = ["tool": .string(tool), "arguments": .object(arguments)]
        asked["directory"] = directory.map(JSONValue.string)
        let result = try await perform("host_evidence", asked)
        if result.isError { throw ChatError(.unavailable, result.displayText(limit: 2000)) }
        guard let answer = result.structuredContent, let evidence = Evidence(json: answer),
            JSONValue.object(evidence.json).text.utf8.count <= Self.maximumEvidence
        else {
            throw ChatError(.unavailable, "The sandbox gave a nonsensical answer about \(tool).")
        }
        return (evidence, answer["after"]?.stringValue)
    }

    /// Puts a file back (`nil`: away), where it still has the digest that was seen; host-only.
    func restore(_ bytes: [UInt8]?, at path: String, over seen: Evidence) async throws -> CallToolResult {
        var arguments: JSONObject = ["path": .string(path), "expect": seen.filesJSON]
        arguments["data"] = bytes.map { .string(Base64.encode($0)) }
        return try await perform("host_restore", arguments)
    }

    /// Writes a file people handed in; host-only.
    func put(_ bytes: [UInt8], at path: String) async throws {
        var offset = 0
        repeat {
            let chunk = Array(bytes[offset..<min(bytes.count, offset + Self.chunk)])
            let result = try await perform(
                "host_put",
                ["path": .string(path), "data": .string(Base64.encode(chunk)), "append": .bool(offset > 0)])
            if result.isError { throw ChatError(.unavailable, result.displayText(limit: 500)) }
            offset += chunk.count
        } while offset < bytes.count
    }

    /// Reads a file the agent hands out; host-only. What it returns is a claim of the workspace, like everything there.
    func get(_ path: String) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let result = try await perform(
                "host_get",
                ["path": .string(path), "offset": .int(Int64(bytes.count)), "length": .int(Int64(Self.chunk))])
            if result.isError { throw ChatError(.invalid, result.displayText(limit: 500)) }
            guard let answer = result.structuredContent, let text = answer["data"]?.stringValue,
                let data = Base64.decode(text), let isEnd = answer["eof"]?.boolValue, isEnd || !data.isEmpty
            else { throw ChatError(.unavailable, "The sandbox gave a nonsensical answer for \(path).") }
            guard bytes.count + data.count <= limit else {
                throw ChatError(.tooLarge, "\(path) is larger than the \(limit >> 20) MiB a file may have.")
            }
            bytes += data
            if isEnd { return bytes }
        }
    }

    private static let chunk = 1 << 20
    /// 64 files with the longest paths, and a diff. What says more is not our tool server any more.
    private static let maximumEvidence = 512 << 10

    /// The requester's own folder beside the others. Where others read those, they can only be read from now on: in place
    /// of the sandbox that could write there another one is started.
    func openPersonalFolder(of requester: PersonID) async throws {
        try await settleEgress()
        let user = VolumeGrant(.user(requester), .readWrite)
        let others = try await isPrivate() ? await volumes.sealed : await volumes.grants
        try await start(with: others.filter { $0 != user } + [user])
    }

    private func start(with grants: [VolumeGrant]) async throws {
        try await volumes.replace(with: grants) { new in _ = try await compartment.workspace(volumes: new) }
    }

    /// Whether it has that volume, by its name in words.
    func has(_ volume: String) async -> Bool {
        await volumes.grants.contains { $0.volume.description == volume }
    }

    /// The sandbox with the volumes it is to have. Whoever waited while that changed does not get the one it was.
    func client() async throws -> ClientSession {
        try await settleEgress()
        while true {
            if try await isPrivate() {
                let sealed = await volumes.sealed
                if await volumes.grants != sealed { try await start(with: sealed) }
            }
            let wanted = try await volumes.current()
            let client = try await compartment.workspace(volumes: wanted)
            if await volumes.grants == wanted { return client }
        }
    }

    func perform(
        _ name: String, _ arguments: JSONObject, onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> CallToolResult {
        let client: ClientSession
        do {
            client = try await self.client()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .failure("The sandbox could not be started: \(error). Nothing was run.")
        }
        do {
            return try await client.callTool(name, arguments: arguments) { progress in
                if let message = progress.message { onProgress(message) }
            }
        } catch let error as MCPError where error.code != .connectionClosed {
            return .failure(error.message)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let why = await compartment.whyWorkspaceEnded()
            return .failure(
                "\(why) Whatever this call had begun is stopped; files in the workspace are kept, processes and "
                    + "shell state are gone. The next call starts a new sandbox.")
        }
    }
}
