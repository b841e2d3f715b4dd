import ArgumentParser
import Daemon

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon in the foreground.",
        discussion:
            "Exit status 78: the configuration is wrong; 75: another daemon uses the data directory, or the port is taken."
            + " Other failures end with 1.")

    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion: "Without it: $BULKHEAD_CONFIG, else .bulkhead/bulkhead.yaml here or above.", valueName: "file"))
    var config: String?

    func run() async throws {
        try await DaemonRun.run(config: config) { try await DaemonMain.serve(configuration: $0) }
    }
}
