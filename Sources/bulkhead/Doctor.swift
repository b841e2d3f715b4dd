import ArgumentParser
import Terminal

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what the assistant needs on this machine, and say what to do where something is missing.",
        discussion: """
            Needs no running daemon. Exit status 1 where a check fails.

            With --security: compares this host with the hardening that was accepted last (files, processes, engine, \
            images, uids, settings, what the policy says). Root's. Exit status 1 where something is not as accepted.
            """)

    @OptionGroup var location: LocationOptions

    @Flag(help: "Compare this host with the hardening that was accepted.")
    var security = false

    @Flag(help: "With --security: accept the host as it is. Goes on record; the daemon has to run.")
    var accept = false

    @Option(
        help: ArgumentHelp(
            "With --security: the broker's configuration, where it is not beside the daemon's.", valueName: "file"))
    var broker: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard security || !accept && broker == nil else {
            throw ValidationError("--accept and --broker belong to --security.")
        }
    }

    func run() async throws {
        guard security else {
            throw ExitCode(await DoctorReport.run(config: location.config, socket: location.socket, json: json))
        }
        throw ExitCode(
            await SecurityReport.run(
                .init(config: location.config, socket: location.socket, broker: broker, accept: accept, json: json)))
    }
}
