import ArgumentParser
import Terminal

struct Answers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the assistant answered to you alone, and posting it where you asked.",
        subcommands: [List.self, Post.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List your private answers, newest first.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await AnswersReport.list(at: $0, json: json) }
        }
    }

    struct Post: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Post one to the thread it was asked in, exactly as it is; everybody there reads it then.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The answer's id.")
        var id: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await AnswersReport.post(at: $0, id, json: json) }
        }
    }
}
