/// The daemon's ways in.
package enum DaemonMain {
    /// `bulkhead serve`: runs until it is told to stop.
    package static func serve(configuration path: String) async throws {}

    /// `bulkhead mcp --standalone`: one session's gated tools on standard input and output, without a running daemon.
    package static func serveStandalone(
        configuration path: String, channel: String, onBehalfOf person: String?
    ) async throws {}

    /// What to tell the person at the terminal, and the program's exit status.
    package static func ending(of error: any Error) -> (message: String, status: Int32) {
        ("\(error)", 1)
    }
}
