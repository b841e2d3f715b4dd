import Foundation

/// The simulator of the Messages API, playing a script, or the scenario that a message names (`scenario:NAME`).
final class ModelSimulator {
    let url: String
    private let process: Command
    private let script: String

    var port: String { String(url.split(separator: ":").last ?? "") }

    /// The settings with which a daemon asks it.
    var settings: String { "model:\n  anthropic_url: \(url)" }

    /// `turns`: a JSON list, one turn a request. `port` 0: any that is free.
    init(turns: String = "[]", port: String = "0") async throws {
        script = NSTemporaryDirectory() + "turns-\(UUID().uuidString).json"
        try turns.write(toFile: script, atomically: true, encoding: .utf8)
        process = try Command(
            "/usr/bin/python3",
            [
                "-u", Installation.packageRoot + "/Tests/Simulators/anthropic_simulator.py", "--script", script,
                "--port",
                port,
            ],
            holdsInput: true)
        for _ in 0..<200 {
            if let line = process.output.split(separator: "\n").first, let start = line.range(of: "http://") {
                url = String(line[start.lowerBound...])
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Installation.Failure(description: "the simulator did not start: \(process.errors)")
    }

    func stop() async {
        process.signal(SIGTERM)
        _ = await process.finish()
        try? FileManager.default.removeItem(atPath: script)
    }
}
