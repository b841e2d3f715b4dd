import ArgumentParser
import Terminal

struct Sessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the assistant's sessions.")

    @OptionGroup var location: LocationOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await location.run { await SessionsReport.run(at: $0, json: json) }
    }
}
