import Foundation
import Testing

@testable import Daemon

/// The daemon that makes its containers itself: `broker.in_process`.
@Suite(.serialized, .timeLimit(.minutes(5))) struct InProcessBrokerTests {
    /// An installation whose configuration asks for it; its daemon's folder is root's.
    private func withInstallation(_ body: (Installation) async throws -> Void) async throws {
        let installation = try await Installation()
        let text = try String(contentsOfFile: installation.configuration, encoding: .utf8)
        try #require(text.contains("broker:\n"))
        try text.replacing("broker:\n", with: "broker:\n  in_process: true\n")
            .write(toFile: installation.configuration, atomically: true, encoding: .utf8)
        do {
            try await body(installation)
        } catch {
            Issue.record(error)
        }
        let left = try await installation.remove()
        #expect(left.isEmpty, "left behind: \(left)")
    }

    @Test func aConversationRunsWithoutABrokerProcess() async throws {
        try await withInstallation { bulkhead in
            _ = try await Command.run("/bin/chown", ["-R", "0:0", bulkhead.home + "/data"])
            let daemon = try Command(bulkhead.home + "/bin/bulkhead", ["serve", "--config", bulkhead.configuration])
            defer { daemon.signal(SIGKILL) }
            let socket = bulkhead.runtime + "/daemon/console.sock"
            let deadline = ContinuousClock.now + .seconds(30)
            while !FileManager.default.fileExists(atPath: socket), daemon.isRunning, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
            let chat = try await bulkhead.chat(
                "write note.txt: apples and pears\nrun wc -w note.txt; id -u\nread note.txt")
            let (answer, result) = (chat.answer, chat.result)
            #expect(result.status == 0, "\(result.errors)\n\(daemon.errors)")
            #expect(answer?.tools?.map(\.state) == ["done", "done", "done"], "\(result.output)")
            #expect(answer?.reply?.contains("3 note.txt") == true)
            // Its containers are confined as ever.
            let owners = try String(contentsOfFile: bulkhead.home + "/.owners", encoding: .utf8)
            let first = try #require(Int(owners.trimmingCharacters(in: .whitespacesAndNewlines)))
            let uid = answer?.reply?.split(whereSeparator: \.isNewline).compactMap { Int($0) }.first
            #expect(uid.map { $0 >= first } == true, "\(result.output)")

            #expect(!FileManager.default.fileExists(atPath: bulkhead.runtime + "/broker/broker.sock"))
            #expect(daemon.errors.contains("root-equivalent"), "\(daemon.errors)")
            let doctor = try await bulkhead.bulkhead(["doctor"])
            #expect(doctor.output.contains("the harness is root-equivalent"), "\(doctor.output)")

            // A second broker would take the first one's containers for left over.
            let second = try await Command(
                bulkhead.home + "/bin/bulkhead-broker", ["--config", bulkhead.home + "/broker.json"]
            ).finish(within: .seconds(10))
            #expect(second.status != 0 && second.errors.contains("another broker works in"), "\(second.errors)")
            let still = try await bulkhead.chat("read note.txt", ["--thread", answer?.conversation ?? ""])
            #expect(still.answer?.reply?.contains("apples and pears") == true, "\(still.result.output)")

            daemon.signal(SIGTERM)
            let ended = await daemon.finish(within: .seconds(30))
            #expect(ended.status == 0, "\(ended.errors)")
        }
    }

    @Test func besideABrokerItDoesNotStart() async throws {
        try await withInstallation { bulkhead in
            try await bulkhead.startBroker()
            _ = try await Command.run("/bin/chown", ["-R", "0:0", bulkhead.home + "/data"])
            let result = try await Command.run(
                bulkhead.home + "/bin/bulkhead", ["serve", "--config", bulkhead.configuration])
            #expect(result.status == 75)
            #expect(result.errors.contains("another broker works in"), "\(result.errors)")
        }
    }

    @Test func withoutTheRightsItSaysWhatItLacksAndOpensNothing() async throws {
        try await withInstallation { bulkhead in
            let result = try await Command.run(
                "/usr/bin/setpriv",
                [
                    "--reuid", "bulkhead", "--regid", "bulkhead", "--init-groups", bulkhead.home + "/bin/bulkhead",
                    "serve", "--config", bulkhead.configuration,
                ])
            #expect(result.status == 78)
            #expect(result.errors.contains("it lacks: root (it runs as uid"), "\(result.errors)")
            #expect(result.errors.contains("run bulkhead-broker as root"))
            #expect(!FileManager.default.fileExists(atPath: bulkhead.home + "/data/bulkhead.sqlite"))
        }
    }

    @Test func whatRootLacksIsNamed() {
        let all: UInt64 = 1 << 0 | 1 << 1 | 1 << 3
        #expect(InProcessBroker.lacking(user: 0, capabilities: all).isEmpty)
        #expect(InProcessBroker.lacking(user: 0, capabilities: all & ~1) == ["the capability CAP_CHOWN"])
        #expect(InProcessBroker.lacking(user: 1000, capabilities: all).first?.contains("uid 1000") == true)
    }
}
