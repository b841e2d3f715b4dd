import ArgumentParser
import Terminal

struct Version: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version.")

    func run() async throws {
        print("bulkhead \(ProgramVersion.current)")
    }
}
