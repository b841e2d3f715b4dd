package import Audit
package import MCP
package import Model
internal import Store
internal import Synchronization

/// Asks the operator's hooks, and puts each run on record.
package struct HookDesk: Sendable {
    package let plan: HookPlan
    private let starter: any HookStarter
    private let audit: AuditLog
    private let key: RedactionKey
    private let clock: WallClock
    private let slots: HookSlots

    package init(
        plan: HookPlan, starter: any HookStarter, audit: AuditLog, key: RedactionKey, clock: WallClock = .system
    ) {
        self.plan = plan
        self.starter = starter
        self.audit = audit
        self.key = key
        self.clock = clock
        slots = HookSlots(plan.concurrent)
    }

    /// Throws, with a sentence for the operator, for the first hook that could not be run.
    package func check() async throws {
        for name in plan.names { try await starter.check(name) }
    }

    package func hooks(for event: HookEvent) -> [String] { plan.hooks[event] ?? [] }

    package struct Run: Sendable {
        package var answer: Result<HookAnswer, HookFailure>
        /// What it said on standard error, for whoever tries it out. Never kept: it may hold anything.
        package var errors: String
        package var exit: Int?
        package var milliseconds: Int64
    }

    /// One hook's answer, on record. Throws where that could not be written, or the caller is cancelled.
    package func ask(
        _ name: String, _ event: HookEvent, about facts: JSONObject, subject: AuditSubject, isTest: Bool = false
    ) async throws -> Run {
        var input: JSONObject = [
            "version": 1, "event": .string(event.rawValue), "hook": .string(name), "at": .string(clock.now().rfc3339),
        ]
        for (key, value) in facts { input[key] = value }
        let bytes = input.serialized()
        let started = ContinuousClock.now
        var outcome = HookExchange.Outcome()
        var answer: Result<HookAnswer, HookFailure>
        do {
            try await slots.take()
            defer { slots.giveBack() }
            let streams = try await starter.start(name)
            outcome = await HookExchange(input: bytes, deadline: plan.deadline, outputBytes: plan.outputBytes)
                .run(streams)
            answer = Self.answer(outcome, event, plan)
        } catch let failure as HookFailure {
            answer = .failure(failure)
        } catch {
            answer = .failure(HookFailure("it could not be started: \(error)"))
        }
        var run = Run(
            answer: answer, errors: String(decoding: outcome.errors, as: UTF8.self),
            milliseconds: (ContinuousClock.now - started).wholeMilliseconds)
        if case .exited(let code) = outcome.ending { run.exit = code }
        var details: JSONObject = [
            "hook": .string(name), "event": .string(event.rawValue), "ms": .int(run.milliseconds),
            // Keyed: what the call's own row does not keep must not be there to be guessed from this one.
            "in": .string(key.digest(of: bytes)), "out": .string(key.digest(of: outcome.output)),
        ]
        details["exit"] = run.exit.map { .int(Int64($0)) }
        if isTest { details["test"] = true }
        switch answer {
        case .success(let answer):
            details["decision"] = .string(answer.decision.rawValue)
            if !answer.reason.isEmpty { details["reason"] = .string(answer.reason) }
            if answer.arguments != nil || answer.text != nil { details["changed"] = true }
        case .failure(let failure):
            details["decision"] = "failed"
            details["error"] = .string(failure.description.cut(to: 500))
        }
        try await audit.event("hook.ran", subject: subject, details: details)
        try Task.checkCancellation()
        return run
    }

    private static func answer(
        _ outcome: HookExchange.Outcome, _ event: HookEvent, _ plan: HookPlan
    ) -> Result<HookAnswer, HookFailure> {
        do throws(HookFailure) {
            switch outcome.ending {
            case .exited(0): return .success(try HookAnswer(parsing: outcome.output, for: event))
            case .exited(let code): throw HookFailure("it ended with status \(code)")
            case .signalled(let number): throw HookFailure("it was ended by signal \(number)")
            case .timedOut: throw HookFailure("it gave no answer within \(plan.deadline) and was ended")
            case .printedTooMuch: throw HookFailure("it printed over \(plan.outputBytes) bytes and was ended")
            case .lost: throw HookFailure("it was lost: whatever ran it went away")
            }
        } catch {
            return .failure(error)
        }
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}

/// Places for hooks that run. Whoever waits, waits in order; a queue that is too long is an answer of its own.
final class HookSlots: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let longestQueue = 100
    private let state: Mutex<State>

    init(_ count: Int) {
        state = Mutex(State(free: max(1, count)))
    }

    func take() async throws(HookFailure) {
        let isFull = state.withLock { $0.waiting.count >= Self.longestQueue }
        guard !isFull else { throw HookFailure("too many hooks wait to be run") }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
