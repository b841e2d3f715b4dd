import Daemon
import Egress
import Foundation
import Logging
import NetworkRules
import Settings
import Testing

/// An installation whose daemon runs in the test's own process: that alone can give it names which stand in for servers on
/// loopback. Everything else is as ever: the broker's rules, real containers, the command line.
func withNetwork(
    settings: String = "", policy: String? = nil,
    _ body: @escaping @Sendable (Installation, FilesServer) async throws -> Void
) async throws {
    let installation = try await Installation(settings: settings, policy: policy)
    let server = try await FilesServer()
    do {
        let text = try String(contentsOfFile: installation.configuration, encoding: .utf8)
        try text.replacing("broker:\n", with: "broker:\n  in_process: true\n")
            .write(toFile: installation.configuration, atomically: true, encoding: .utf8)
        try await Command.shell("chown -R 0:0 '\(installation.data)'")
        let daemon = try await Daemon(
            try Settings.load(path: installation.configuration), logger: Logger(label: "test"),
            reach: EgressReach(standIns: try standIns(["files.test", "other.test", "third.test"])))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await daemon.run() }
            group.addTask {
                try await eventually("the daemon") {
                    FileManager.default.fileExists(atPath: installation.runtime + "/daemon/console.sock")
                }
                try await body(installation, server)
            }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    } catch {
        Issue.record("\(error)\n--- server:\n\(server.journal.suffix(40).joined(separator: "\n"))")
    }
    await server.stop()
    let left = try await installation.remove()
    #expect(left.isEmpty, "left behind: \(left)")
}

private func standIns(_ names: [String]) throws -> StandIns {
    let loopback = try #require(IPAddress("127.0.0.1"))
    var addresses: [HostName: IPAddress] = [:]
    for name in names { addresses[try #require(HostName(name))] = loopback }
    return try StandIns(addresses)
}
