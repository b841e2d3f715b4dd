import ArgumentParser
import Daemon
import Terminal

struct MCPServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "Serve one session's gated tools as an MCP server on standard input and output.",
        discussion: "Any MCP client that starts this program can be the agent; it acts for you, and the audit says so.")

    @OptionGroup var location: LocationOptions

    @Option(help: "The channel whose files and rules the session has.")
    var channel: String

    @Option(name: .customLong("as"), help: ArgumentHelp("Act for this person: an admin's right.", valueName: "name"))
    var person: String?

    @Flag(help: "Without a running daemon: start what one session needs in this process.")
    var standalone = false

    func run() async throws {
        guard standalone else {
            return try await location.run { await MCPDoor.run(at: $0, channel: channel, onBehalfOf: person) }
        }
        try await DaemonRun.run(config: location.config) {
            try await DaemonMain.serveStandalone(configuration: $0, channel: channel, onBehalfOf: person)
        }
    }
}
