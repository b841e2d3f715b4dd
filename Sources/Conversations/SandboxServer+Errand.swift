package import Egress
internal import MCP
package import Model
package import NetworkRules
internal import Policy
internal import Synchronization
internal import ToolServers
package import Vault
internal import WorkspaceTools

/// What commands that are given secrets need.
package struct Errands: Sendable {
    package var secrets: any SecretKeeper
    /// `nil`: such commands reach nothing.
    package var egress: (any ErrandEgress)?

    package init(secrets: any SecretKeeper, egress: (any ErrandEgress)?) {
        self.secrets = secrets
        self.egress = egress
    }
}

/// The network of one command apart: only where its secrets may go.
package protocol ErrandEgress: Sendable {
    /// Serves the door until `closeErrand`, for `entries` alone. The descriptor is its own, also where this throws.
    func openErrand(
        _ name: EgressDoorName, of session: SessionID, to entries: [EgressEntry], listening: CInt) async throws
    func closeErrand(_ name: EgressDoorName, of session: SessionID) async
}

extension EgressDesk: ErrandEgress {}

/// `bash` with `secrets`: the command runs apart, and its environment alone has the values.
extension SandboxServer {
    func demand(for name: String, arguments: JSONObject, context: ToolContext) async throws -> ToolDemand? {
        guard name == "bash" else { return nil }
        let wanted = try CommandSecrets.wanted(arguments[CommandSecrets.key])
        guard !wanted.isEmpty else { return nil }
        return try await keeper().demand(
            for: Set(wanted.map(\.secret)).sorted(), kind: .environment, context: context)
    }

    /// `arguments` without their secrets.
    func run(_ arguments: JSONObject, with secrets: JSONValue, _ context: ToolContext) async throws -> CallToolResult {
        do {
            let wanted = try CommandSecrets.wanted(secrets)
            guard !wanted.isEmpty else {
                return try await perform("bash", arguments, onProgress: context.reportProgress)
            }
            let keeper = try keeper()
            var found: [(variable: String, secret: Secret)] = []
            for item in wanted {
                guard let secret = try await keeper.find(item.secret, for: context.requester, in: context.channel)
                else {
                    throw ToolProblem(
                        "There is no secret named \(item.secret.prefix(64)) here; secret_list names those there are.")
                }
                found.append((item.variable, secret))
            }
            return try await run(arguments, found, keeper, context)
        } catch let error as ToolProblem {
            return .failure(error.description)
        } catch let error as VaultError {
            return .failure("\(error.message) Nothing was run.")
        } catch let error as MCPError where error.code != .connectionClosed {
            return .failure(error.message)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return .failure(
                "The command's own sandbox could not be had, or ended: \(error). What the command had begun is stopped."
            )
        }
    }

    private func run(
        _ arguments: JSONObject, _ found: [(variable: String, secret: Secret)], _ keeper: any SecretKeeper,
        _ context: ToolContext
    ) async throws -> CallToolResult {
        // The session's own runs, with the folders it is to have by now: the command gets the same.
        _ = try await client()
        let door = EgressDoorName("errand-\(context.call)")
        let entries = ErrandReach.entries(of: found.map(\.secret.binding.hosts))
        let egress = entries.isEmpty ? nil : errands?.egress
        let failure = DoorFailure()
        var serve: (@Sendable (CInt) async -> Void)?
        if let egress {
            serve = { listening in
                do {
                    try await egress.openErrand(door, of: context.session, to: entries, listening: listening)
                } catch {
                    failure.note("\(error)")
                }
            }
        }
        let seconds = arguments["timeout_seconds"]?.intValue ?? Int64(BashTool.defaultTimeout)
        let report: @Sendable (Progress) -> Void = { if let message = $0.message { context.reportProgress(message) } }
        let result: Result<CallToolResult, any Error>
        do {
            result = .success(
                try await compartment.errand(deadline: .seconds(seconds + 60), egress: serve) { client in
                    // The door is served, or not, before the tools are here: a command that needs it would fail half-way.
                    if let why = failure.why {
                        throw ToolProblem(
                            "The command's way to the network could not be opened, so nothing was run and no secret was "
                                + "used: \(why) Try again; where that does not help, tell the person so.")
                    }
                    var values: JSONObject = [:]
                    // As late as can be: what does not come this far has used no secret.
                    for (variable, secret) in found {
                        let value = try await keeper.value(of: secret, for: .environment(variable), context: context)
                        guard let text = value.text else {
                            throw ToolProblem("The secret \(secret.name) is no text, and fits no environment.")
                        }
                        values[variable] = .string(text)
                    }
                    var arguments = arguments
                    arguments[CommandSecrets.values] = .object(values)
                    return try await client.callTool("bash", arguments: arguments, onProgress: report)
                })
        } catch {
            result = .failure(error)
        }
        await egress?.closeErrand(door, of: context.session)
        return try result.get()
    }

    private func keeper() throws(ToolProblem) -> any SecretKeeper {
        guard let errands else { throw ToolProblem("There are no stored secrets here: run the command without.") }
        return errands.secrets
    }
}

/// Why the command's door is not served, told where it is made and asked where the command is run.
private final class DoorFailure: Sendable {
    private let state = Mutex<String?>(nil)

    var why: String? { state.withLock { $0 } }
    func note(_ why: String) { state.withLock { $0 = why } }
}

/// Where a command may go that has several secrets in its hands: each may go to its own hosts only, so to those that all
/// of them share.
enum ErrandReach {
    static func entries(of bindings: [[EgressEntry]]) -> [EgressEntry] {
        let all = Set(bindings.joined()).filter { entry in
            bindings.allSatisfy { binding in binding.contains { $0.contains(entry) } }
        }
        return all.sorted { "\($0.domain)" < "\($1.domain)" }
    }
}
