internal import MCP
internal import NIOHTTP1

/// How the engine is set up, as far as walls depend on it.
package struct EngineSetup: Sendable {
    /// `seccomp`, `userns`, `rootless`, `apparmor`, … each with what it says of itself: `profile=builtin`.
    package let security: [String: String]
    package let survivesItsRestart: Bool
    package let runtime: String
    package let cgroups: String
    package let storage: String
    /// What the engine itself warns of: an API that listens on the network without asking who calls, among them.
    package let warnings: [String]
}

extension DockerEngine {
    package func setup() async throws -> EngineSetup {
        let answer = try await call(EngineRequest(method: .GET, path: "/info", deadline: .seconds(20)))
        guard answer["ServerVersion"]?.stringValue != nil else {
            throw EngineError(.badAnswer, "GET /info: what answers says nothing of itself")
        }
        var security: [String: String] = [:]
        for option in (answer["SecurityOptions"]?.arrayValue ?? []).compactMap(\.stringValue) {
            let fields = option.split(separator: ",", maxSplits: 1)
            let name = fields.first.map { $0.hasPrefix("name=") ? String($0.dropFirst(5)) : String($0) } ?? option
            security[name] = fields.count > 1 ? String(fields[1]) : ""
        }
        return EngineSetup(
            security: security, survivesItsRestart: answer["LiveRestoreEnabled"]?.boolValue ?? false,
            runtime: answer["DefaultRuntime"]?.stringValue ?? "",
            cgroups: (answer["CgroupVersion"]?.stringValue).map { "v" + $0 } ?? "",
            storage: answer["Driver"]?.stringValue ?? "",
            warnings: (answer["Warnings"]?.arrayValue ?? []).compactMap(\.stringValue))
    }
}
