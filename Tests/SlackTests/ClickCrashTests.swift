import Audit
import Foundation
import Glibc
import Harness
import Logging
import Model
import Slack
import SlackText
import Store
import Testing

@testable import Conversations

/// A child of this very binary takes clicks, acknowledges and does them; it is killed in the middle of it.
@Suite(.timeLimit(.minutes(5))) struct ClickCrashTests {
    static let childVariable = "BULKHEAD_CLICK_CRASH_CHILD"

    @Test(arguments: [5, 15, 30])
    func whatWasAcknowledgedIsDoneOnceWhateverWasKilled(after count: Int) async throws {
        let scene = try await ApprovalScene()
        for _ in 0..<48 { _ = try await scene.question() }
        scene.database.close()
        let acknowledged = try killChild(in: scene.directory, after: count)
        #expect(acknowledged.count >= count)

        let database = try Database(directory: scene.directory)
        defer { database.close() }
        let (clicks, slack) = try await Self.clicks(over: database)
        let running = Task { await clicks.run() }
        let deadline = ContinuousClock.now + .seconds(60)
        while try await database.waitingSlackClicks() > 0 {
            try #require(ContinuousClock.now < deadline, "it never came to that")
            try await Task.sleep(for: .milliseconds(20))
        }
        running.cancel()
        await running.value
        for id in acknowledged {
            #expect(try await database.approval(ApprovalID(trusted: id))?.state == .allowed)
        }
        // Nobody heard that they had clicked before.
        #expect(await slack.told.isEmpty)
    }

    /// Does nothing where it is not the child.
    @Test func child() async throws {
        guard let path = ProcessInfo.processInfo.environment[Self.childVariable] else { return }
        let database = try Database(directory: path)
        let (clicks, _) = try await Self.clicks(over: database)
        let questions = try await database.pendingApprovals().map(\.id.rawValue)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await clicks.run() }
            group.addTask {
                for (number, id) in questions.enumerated() {
                    let click = ClickScene.payload(
                        .allowOnce, id, by: "U0ADA", in: "C0ROOM", "1700000001.1\(10_000 + number)", trigger: id)
                    guard (try? await clicks.accept(click)) != nil else { exit(3) }
                    let line = Array("ack \(id)\n".utf8)
                    guard write(STDERR_FILENO, line, line.count) == line.count else { exit(4) }
                }
            }
        }
    }

    private static func clicks(over database: Database) async throws -> (SlackClicks, RememberingSlack) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (hub, slack) = (EventHub(), RememberingSlack())
        let desk = ApprovalDesk(
            database: database, hub: hub, audit: try await AuditLog.open(database), redactor: HidesNumbers(),
            clock: .system, limits: Reloadable(ConversationLimits()))
        let words = ClickAnswers(slack: slack, logger: logger) {
            try await database.account($0, on: HomeRecord.slack)?.person
        }
        let approvals = SlackApprovals(
            database: database, board: DeskBoard(desk: desk, hub: hub), slack: slack, clicks: words, logger: logger)
        var options = SlackClicks.Options()
        options.limits.ofOne = 1000
        let clicks = SlackClicks(database: database, options: options, words: words, logger: logger) {
            for click in $0.clicks { try await approvals.clicked(click) }
        }
        return (clicks, slack)
    }

    private func killChild(in path: String, after count: Int) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "ClickCrashTests/child"]
        process.environment = ProcessInfo.processInfo.environment.merging([Self.childVariable: path]) { $1 }
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.close()
        var output = Data()
        while String(decoding: output, as: UTF8.self).count(of: "ack ") < count {
            let more = pipe.fileHandleForReading.availableData
            guard !more.isEmpty else { break }
            output.append(more)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        if let rest = try pipe.fileHandleForReading.readToEnd() { output.append(rest) }
        return String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap {
            $0.hasPrefix("ack ") ? String($0.dropFirst(4)) : nil
        }
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
