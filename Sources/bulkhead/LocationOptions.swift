import ArgumentParser
import Terminal

/// How a command finds the running daemon.
struct LocationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's configuration file.",
            discussion: "Without it: $BULKHEAD_CONFIG, else .bulkhead/bulkhead.yaml here or above.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The daemon's console socket (or $BULKHEAD_SOCKET).", valueName: "path"))
    var socket: String?

    /// Runs `body` with the place found and ends the program with its status.
    func run(_ body: (DaemonLocation) async -> Int32) async throws {
        let status = await CommandResult.status {
            await body(try DaemonLocation.find(config: config, socket: socket))
        }
        throw ExitCode(status)
    }
}
