import ArgumentParser
import Terminal

struct Undo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put back what a file change of the assistant replaced.",
        discussion:
            "CALL is what `bulkhead audit` and the conversation show for the call. It runs as a call of its own, and "
            + "can itself be undone. What commands (bash) did cannot.")

    @OptionGroup var location: LocationOptions

    @Argument(help: "The call's id.")
    var call: String

    @Flag(help: "Also where the file was changed since: that is then gone too.")
    var force = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await location.run { await UndoReport.undo(at: $0, call, force: force, json: json) }
    }
}
