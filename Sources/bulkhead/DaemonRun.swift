import ArgumentParser
import Daemon
import Glibc
import Terminal

/// Runs what the daemon's module offers: its errors become a sentence and its own exit status.
enum DaemonRun {
    static func run(config: String?, _ body: (String) async throws -> Void) async throws {
        let status = await CommandResult.status {
            let path = try DaemonLocation.configuration(config)
            do {
                try await body(path)
                return 0
            } catch {
                let ending = DaemonMain.ending(of: error)
                TerminalDevice.print(StyledLine.lines(of: "bulkhead: " + ending.message), to: STDERR_FILENO)
                return ending.status
            }
        }
        throw ExitCode(status)
    }
}
