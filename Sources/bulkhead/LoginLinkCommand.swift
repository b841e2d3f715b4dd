import ArgumentParser
import Terminal

struct LoginLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login-link", abstract: "Print a link that opens the chat in a browser, once.")

    @OptionGroup var location: LocationOptions

    @Option(help: ArgumentHelp("For whom; without it for yourself.", valueName: "name"))
    var person: String?

    func run() async throws {
        try await location.run { await LoginLink.run(at: $0, person: person) }
    }
}
