import Foundation

/// An official SDK that runs a check of Tests/Simulators.
enum Peer {
    /// What the check printed: `ok` where it holds.
    static func run(_ script: String, _ arguments: [String], input: [UInt8] = []) async throws -> String {
        let python = Simulator.root.appending(path: ".build/peers/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            return "The official Python SDKs are not installed in .build/peers: run scripts/python-peers.sh first."
        }
        let script = Simulator.root.appending(path: "Tests/Simulators/\(script)").path
        return try await onThread {
            let process = Process()
            process.executableURL = URL(filePath: python)
            process.arguments = [script] + arguments
            let (given, output) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = output
            process.standardInput = given
            try process.run()
            try given.fileHandleForWriting.write(contentsOf: input)
            try given.fileHandleForWriting.close()
            let said = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: said, as: UTF8.self)
        }
    }
}
