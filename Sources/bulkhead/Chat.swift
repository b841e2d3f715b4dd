import ArgumentParser
import Terminal

struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Talk to the assistant.",
        discussion: """
            Exit status with --once: 0 answered; 1 the turn failed, was cancelled, or something it asked for was denied; \
            2 the command line makes no sense; 3 the daemon is not reachable; 4 out of time.
            """)

    @OptionGroup var location: LocationOptions

    @Option(help: "The channel's name; without it your direct messages with the assistant.")
    var channel: String?

    @Option(help: ArgumentHelp("Go on in this thread.", valueName: "id"))
    var thread: String?

    @Option(
        help: ArgumentHelp("Speak for this person: an admin's right, recorded as “on behalf of”.", valueName: "name"))
    var user: String?

    @Option(help: ArgumentHelp("Send this, print the answer, leave. “-” reads standard input.", valueName: "text"))
    var once: String?

    @Flag(help: "With --once: print one JSON object.")
    var json = false

    @Option(help: ArgumentHelp("With --once: a file to send along; may be repeated.", valueName: "file"))
    var attach: [String] = []

    @Option(
        help:
            "What to answer when the assistant needs an approval: allow, deny, or ask (default: ask at a terminal, else deny)."
    )
    var approve: TurnRunner.ApprovalAnswer?

    @Option(
        help: ArgumentHelp(
            "With --once: ask for fast, balanced or best; whether you get it is the operator's to say.",
            valueName: "tier"))
    var tier: String?

    @Option(help: ArgumentHelp("With --once: give up waiting after this many seconds.", valueName: "seconds"))
    var timeout: Double?

    func validate() throws {
        if let timeout, !(0.001...1_000_000).contains(timeout) {
            throw ValidationError("--timeout takes seconds above 0.")
        }
    }

    func run() async throws {
        var options = ChatOptions()
        options.channel = channel
        options.thread = thread
        options.user = user
        options.once = once
        options.json = json
        options.attach = attach
        options.approve = approve
        options.tier = tier
        options.timeout = timeout.map { .milliseconds(Int64($0 * 1000)) }
        try await location.run { await ChatRun.run(at: $0, options) }
    }
}

extension TurnRunner.ApprovalAnswer: ExpressibleByArgument {}
