/// Why a command could not do what it was asked, in words for the person at the terminal.
package struct TerminalError: Error, Sendable, Hashable {
    package struct Code: Sendable, Hashable {
        package let name: String

        /// The command line asks for something that does not exist or does not go together.
        package static let usage = Code(name: "usage")
        package static let daemonNotRunning = Code(name: "daemon_not_running")
        package static let noPermission = Code(name: "no_permission")
        /// The daemon answered with something this program does not understand.
        package static let protocolMismatch = Code(name: "protocol_mismatch")
        /// The daemon understood and said no.
        package static let refused = Code(name: "refused")
        package static let notFound = Code(name: "not_found")
        /// The daemon failed.
        package static let serverFailure = Code(name: "server_failure")
        package static let connectionLost = Code(name: "connection_lost")
        package static let timedOut = Code(name: "timed_out")
        package static let cancelled = Code(name: "cancelled")
        package static let file = Code(name: "file")
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// 2: the command line; 3: no daemon to talk to; 4: out of time; 1: everything else.
    package var exitStatus: Int32 {
        switch code {
        case .usage: 2
        case .daemonNotRunning, .noPermission, .connectionLost: 3
        case .timedOut: 4
        default: 1
        }
    }
}
