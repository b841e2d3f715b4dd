import ArgumentParser
import Terminal

struct VaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault", abstract: "The key secrets are sealed under; for admins.",
        subcommands: [Status.self, Rotate.self], defaultSubcommand: Status.self)

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say where the key is, and whether everything opens. Exit status 1: it does not.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await VaultReport.status(at: $0, json: json) }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put every secret under a new key. May be cut off at any moment without loss.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await VaultReport.rotate(at: $0, json: json) }
        }
    }
}
