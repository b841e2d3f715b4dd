import Foundation
import Glibc
import MCP
import Model
import Scheduler
import Store
import Testing

/// A child of this very binary runs a task and is killed at one step of the run; whoever starts next finishes it, once.
@Suite struct TaskCrashTests {
    static let childVariable = "BULKHEAD_TASK_CRASH_CHILD"

    enum Step: String, CaseIterable {
        case claimed, checking, screened, inbox, taken, answered, settled
    }

    private static let schedule: JSONValue = ["kind": "interval", "seconds": 3600, "anchor": "2026-03-02T00:00:00Z"]
    private static let start = "2026-03-02T07:59:00.000Z"

    @Test(arguments: Step.allCases) func aRunKilledAtAnyStepHappensOnce(step: Step) async throws {
        let directory = NSTemporaryDirectory() + "task-crash-" + UUID().uuidString
        try runChild("\(step.rawValue) \(directory)")
        let bench = try await Bench(at: "2026-03-02T08:10:00.000Z", directory: directory)
        let task = try await bench.desk.find("report", for: bench.anna.id)
        // As conversations do at their start.
        for turn in try await bench.database.unfinishedTurns() {
            try await bench.database.returnToInbox(turn: turn.turn)
        }
        try await bench.database.endAllSessions(reason: "restarted")
        for conversation in try await bench.database.conversationsWithPending() {
            for message in try await bench.database.pending(in: conversation) {
                try await bench.hands.perform(.answer, message)
            }
        }
        await bench.scheduler.recover()
        for _ in 0..<3 {
            await bench.scheduler.tick()
            await bench.settle()
        }
        let runs = try await bench.runs(of: task)
        #expect(runs.map(\.due.rfc3339) == ["2026-03-02T08:00:00.000Z"])
        #expect(runs.map(\.state) == [.succeeded])
        var answers = 0
        for conversation in try await bench.database.conversations(in: task.content.channel) {
            answers += try await bench.database.entries(of: conversation.id).count { $0.message.kind == .assistant }
        }
        #expect(answers == 1)
    }

    @Test func aTaskThatWouldRatherFailThanBeRepeatedHasFailed() async throws {
        let directory = NSTemporaryDirectory() + "task-crash-" + UUID().uuidString
        try runChild("checking \(directory) fail")
        let bench = try await Bench(at: "2026-03-02T08:10:00.000Z", directory: directory)
        let task = try await bench.desk.find("report", for: bench.anna.id)
        await bench.scheduler.recover()
        let run = try #require(try await bench.runs(of: task).first)
        #expect(run.state == .failed && run.reason?.contains("restarted") == true)
    }

    /// Does nothing where it is not the child.
    @Test func child() async throws {
        guard let words = ProcessInfo.processInfo.environment[Self.childVariable]?.split(separator: " ") else { return }
        let step = Step(rawValue: String(words[0]))
        let bench = try await Bench(at: Self.start, directory: String(words[1]))
        _ = try await bench.task(
            Self.schedule, ["check": "true", "retry": 0, "on_crash": words.count > 2 ? "fail" : "resume"])
        bench.advance(.seconds(120))
        bench.hands.set { state in
            state.stop = step?.rawValue
        }
        for _ in 0..<500 {
            await bench.scheduler.tick()
            try await Task.sleep(for: .milliseconds(20))
        }
        // Reached the end: the step was never taken.
        exit(7)
    }

    private func runChild(_ words: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "TaskCrashTests/child"]
        process.environment = ProcessInfo.processInfo.environment.merging([Self.childVariable: words]) { $1 }
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)
    }
}
