import ArgumentParser
import Glibc
import Terminal

@main
struct Bulkhead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bulkhead",
        abstract:
            "A company's own AI assistant: every tool it uses runs in a sealed container and stands in the audit.",
        subcommands: [
            Chat.self, Channels.self, Sessions.self, Audit.self, PolicyCommand.self, Approvals.self, PauseCommand.self,
            ResumeCommand.self, Undo.self, PeopleCommand.self, SurfaceCommand.self,
            Grants.self, EgressCommand.self, SecretCommand.self, VaultCommand.self, Answers.self, Feedback.self,
            LabelsCommand.self,
            HooksCommand.self, SlackCommand.self, TaskCommand.self, CronCommand.self, DrillCommand.self,
            RouteCommand.self, Doctor.self,
            MCPServer.self,
            LoginLinkCommand.self, Serve.self,
            Config.self, Version.self,
        ])

    /// As the parser's own, but a command line that makes no sense ends with 2, as the documentation says.
    static func main() async {
        do {
            try checkText()
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            TerminalDevice.write(fullMessage(for: error) + "\n", to: STDERR_FILENO)
            Glibc.exit(2)
        }
    }

    /// Words that are no UTF-8 would be mended without a word, and something sent that nobody wrote.
    private static func checkText() throws {
        for index in 0..<Int(CommandLine.argc) {
            guard let word = CommandLine.unsafeArgv[index], String(validatingCString: word) == nil else { continue }
            throw ValidationError("Argument \(index) is no UTF-8 text.")
        }
    }
}
