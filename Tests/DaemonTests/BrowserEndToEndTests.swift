import Foundation
import Testing

extension SystemTests {
    /// A person at a browser, headless Chromium, and nothing simulated: `Tests/Browser/installation.py` says what they do.
    /// Its screenshots stay where `BULKHEAD_SCREENSHOTS` names a directory.
    @Suite struct BrowserEndToEndTests {
        private static let policy =
            "version: 1\nrules:\n  - name: edits ask here\n    tool: edit_file\n    decision: ask\n    approvers: requester\n"

        @Test func thePagesWorkAgainstARealInstallation() async throws {
            let python = Installation.packageRoot + "/.build/peers/bin/python"
            try #require(FileManager.default.fileExists(atPath: python), "run scripts/python-peers.sh first")
            try await withInstallation(policy: Self.policy) { bulkhead in
                let kept = ProcessInfo.processInfo.environment["BULKHEAD_SCREENSHOTS"]
                let directory = kept ?? bulkhead.home + "/screenshots"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try? FileManager.default.removeItem(atPath: directory + "/restarted")
                let script = Installation.packageRoot + "/Tests/Browser/installation.py"
                let browser = try Command(python, [script, try await link(bulkhead), directory])
                try await eventually("the browser at the restart", within: .seconds(120)) {
                    browser.output.contains("restarted") || !browser.isRunning
                }
                if browser.isRunning {
                    await bulkhead.killDaemon()
                    try await bulkhead.startDaemon()
                    try (try await link(bulkhead)).write(
                        toFile: directory + "/restarted", atomically: true, encoding: .utf8)
                }
                let result = await browser.finish()
                #expect(result.status == 0, "\(result.output)\(result.errors)")
            }
        }

        private func link(_ bulkhead: Installation) async throws -> String {
            let answer = try await bulkhead.bulkhead(["login-link"])
            let line = answer.output.split(separator: "\n").first { $0.contains("http://") }
            return try #require(line.map(String.init), "\(answer.output)\(answer.errors)")
        }
    }
}
