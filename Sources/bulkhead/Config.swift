import ArgumentParser
import Terminal

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration file, or print what can stand in one.",
        subcommands: [Check.self, Get.self, Reference.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a configuration file; exit status 78 where something in it is wrong.")

        @Argument(help: "The file; without it the one the daemon would read.")
        var file: String?

        func run() async throws {
            throw ExitCode(await ConfigReport.check(file))
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the value of one setting, its default where the file does not say.")

        @Argument(help: "The setting, for example console.port.")
        var name: String

        @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
        var config: String?

        func run() async throws {
            throw ExitCode(await ConfigReport.get(name, file: config))
        }
    }

    struct Reference: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print every setting with its default and meaning.")

        func run() async throws {
            throw ExitCode(await ConfigReport.reference())
        }
    }
}
