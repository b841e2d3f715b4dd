import ArgumentParser
import Terminal

struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill", abstract: "Try this installation's walls from inside, and say whether they hold.",
        discussion: """
            Starts sandboxes of its own as conversations get them and tries to get out of them: by the network, the doors, \
            the kernel, other sessions' things. Each attempt comes with one like it that is allowed, so that a refusal \
            means something. Nothing is sent anywhere but to what the drill serves itself, and nothing stays behind. Takes \
            a minute. Exit status 1 where a wall did not hold, or could not be shown to.
            """)

    @OptionGroup var location: LocationOptions

    @Option(
        help: ArgumentHelp(
            "One group only: network, egress, container, model, resources, tenant, secrets. May be repeated.",
            valueName: "group"))
    var only: [String] = []

    @Flag(help: "Say what would be tried, and try nothing.")
    var list = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await location.run { place in
            list
                ? await DrillReport.list(at: place, only: only, json: json)
                : await DrillReport.run(at: place, only: only, json: json)
        }
    }
}
