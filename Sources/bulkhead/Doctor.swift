import ArgumentParser
import Terminal

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what the assistant needs on this machine, and say what to do where something is missing.",
        discussion: "Needs no running daemon. Exit status 1 where a check fails.")

    @OptionGroup var location: LocationOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        throw ExitCode(await DoctorReport.run(config: location.config, socket: location.socket, json: json))
    }
}
