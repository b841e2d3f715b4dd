package import Audit
import Crypto
package import LeakScan
import MCP
package import Model
import Policy
import Store
import ToolServers

/// The one way to run a tool: arguments checked, policy asked, people asked where it says so, the intent written
/// durably, then the tool, then its outcome. Holds no state of its own; never throws. What went wrong is a result that
/// says what, by which rule, and what may help.
package struct Gate: Sendable {
    let policy: PolicyStore
    let audit: AuditLog
    let approver: any Approver
    let standing: any Standing
    let pauses: PauseBoard
    let hooks: (any ToolHooks)?
    let redactor: any CallRedactor
    let leaks: LeakScreen
    let limits: GateLimits
    let clock: any Clock<Duration>
    /// For rules that hold at some times of the day.
    let wallClock: WallClock
    private let limiter: ResultLimiter

    package init(
        policy: PolicyStore, audit: AuditLog, approver: any Approver, standing: any Standing,
        pauses: PauseBoard,
        keeper: any OversizeKeeper, hooks: (any ToolHooks)? = nil, redactor: (any CallRedactor)? = nil,
        leaks: LeakScreen = LeakScreen(),
        limits: GateLimits = GateLimits(),
        clock: any Clock<Duration> = ContinuousClock(),
        wallClock: WallClock = .system
    ) {
        self.policy = policy
        self.audit = audit
        self.approver = approver
        self.standing = standing
        self.pauses = pauses
        self.hooks = hooks
        self.redactor = redactor ?? PolicyRedactor(policy: policy, key: .ephemeral)
        self.leaks = leaks
        self.limits = limits
        self.clock = clock
        self.wallClock = wallClock
        limiter = ResultLimiter(limits: limits, keeper: keeper)
    }

    /// Cancelling the caller's task cancels the question or the tool; the outcome is recorded all the same.
    package func call(
        _ request: CallRequest, in registry: ToolRegistry,
        progress: @escaping @Sendable (String) -> Void = { _ in },
        onMoment: @Sendable (GateMoment) -> Void = { _ in }
    ) async -> GateResult {
        let started = ContinuousClock.now
        var passage = Passage(request: request)
        let (result, outcome) = await pass(&passage, registry, progress, onMoment)
        let isSecret = passage.ran?.hasSecretResult == true && !result.isError
        return GateResult(
            result: marked(result, passage), shown: isSecret ? .text("(for the assistant alone)") : result,
            outcome: outcome, duration: ContinuousClock.now - started, labels: passage.labels)
    }

    private func pass(
        _ passage: inout Passage, _ registry: ToolRegistry, _ progress: @escaping @Sendable (String) -> Void,
        _ onMoment: @Sendable (GateMoment) -> Void
    ) async -> (CallToolResult, GateResult.Outcome) {
        var request = passage.request
        let entry: ToolRegistry.Entry
        let permit: Permit
        do {
            entry = try check(request, registry)
            // Hooks are programs too, and told what the call says: what is paused starts none.
            try refuseWhatIsPaused(request)
            try await askHooks(&passage, entry, registry)
            request = passage.request
            permit = try await decide(passage, entry, onMoment)
            if !permit.labels.isEmpty {
                passage.labels.formUnion(try await standing.label(request.session, adding: permit.labels))
                onMoment(.labelled(passage.labels))
            }
            try Task.checkCancellation()
        } catch let refusal as Refusal {
            return await refuse(refusal, passage, registry)
        } catch let suspension as Suspension {
            return await suspend(suspension, request)
        } catch is CancellationError {
            return await refuse(
                Refusal(.cancelled, "The call was cancelled before it ran.", rule: nil), passage, registry)
        } catch {
            return (unrecorded(request, error), .denied)
        }
        do {
            try await audit.append(.intent(request, entry.tool, permit, redactor))
        } catch {
            return (unrecorded(request, error), .denied)
        }
        onMoment(.running)
        // First of all: what is on record, kept and cut is what may be seen.
        let run = await screened(await run(entry, request, permit, progress), request)
        passage.ran = entry.tool
        passage.labels.formUnion(await labelsNow(of: request.session))
        do {
            try await audit.append(.outcome(request, entry.tool, run, redactor))
        } catch {
            return (
                .failure(
                    "\(request.tool) ran, but what came of it could not be recorded, so it is not shown: \(error)"),
                .failed
            )
        }
        // A value that was read in the clear goes past everything that would keep it.
        guard !entry.tool.hasSecretResult || run.result.isError else { return (run.result, run.outcome) }
        return (await limiter.limit(await afterHooks(run, request, entry.tool), of: request), run.outcome)
    }

    func check(_ request: CallRequest, _ registry: ToolRegistry) throws(Refusal) -> ToolRegistry.Entry {
        guard let entry = registry[request.tool] else {
            let known = registry.tools.map(\.tool.name).joined(separator: ", ")
            throw Refusal(
                .unknown, "There is no tool named \"\(request.tool.storable.cut(to: 128))\". There are: \(known).",
                rule: nil)
        }
        let size = request.arguments.canonical().count
        guard size <= limits.argumentBytes else {
            throw Refusal(
                .invalid, "The arguments have \(size) bytes; at most \(limits.argumentBytes) are taken.", rule: nil)
        }
        let violations = entry.schema.validate(.object(request.arguments))
        guard violations.isEmpty else {
            let list = violations.map { "- \($0)" }.joined(separator: "\n")
            throw Refusal(.invalid, "The arguments do not fit \(request.tool):\n\(list)", rule: nil)
        }
        return entry
    }

    private func run(
        _ entry: ToolRegistry.Entry, _ request: CallRequest, _ permit: Permit,
        _ progress: @escaping @Sendable (String) -> Void
    ) async -> Run {
        let started = ContinuousClock.now
        let context = ToolContext(
            session: request.session, conversation: request.conversation, channel: request.channel,
            requester: request.requester, call: request.id,
            needsCleanShell: permit.rule == .readOnlyCommand, evidence: permit.evidence, demand: permit.demand,
            approval: request.answered?.approval, reportProgress: progress)
        func ended(_ result: CallToolResult, _ outcome: GateResult.Outcome, error: String? = nil) -> Run {
            Run(result: result, outcome: outcome, error: error, duration: ContinuousClock.now - started)
        }
        do {
            let result = try await withDeadline(permit.deadline, clock: clock) {
                try await entry.server.call(request.tool, arguments: request.arguments, context: context)
            }
            return ended(result, result.isError ? .failed : .done, error: result.isError ? result.text : nil)
        } catch is DeadlinePassed {
            let text =
                "\(request.tool) did not end within \(permit.deadline) and was stopped. It may have done part of its work."
            return ended(.failure(text), .failed, error: text)
        } catch is CancellationError {
            let text = "\(request.tool) was cancelled. It may have done part of its work."
            return ended(.failure(text), .cancelled, error: text)
        } catch {
            let text = "\(request.tool) could not be run: \(error)"
            return ended(.failure(text), .failed, error: text)
        }
    }

    private func refuse(
        _ refusal: Refusal, _ passage: Passage, _ registry: ToolRegistry
    ) async -> (CallToolResult, GateResult.Outcome) {
        do {
            let tool = registry[passage.request.tool]?.tool
            try await audit.append(
                .refusal(passage.request, tool, refusal, policyDigest: policy.current.digest, redactor))
        } catch {
            return (unrecorded(passage.request, error), .denied)
        }
        let rule = refusal.rule.map { "\nDecided by: \($0.text)." } ?? ""
        let outcome: GateResult.Outcome = refusal.decision == .cancelled ? .cancelled : .denied
        return (.failure(refusal.message + rule), outcome)
    }

    func unrecorded(_ request: CallRequest, _ error: any Error) -> CallToolResult {
        .failure(
            "\(request.tool.storable.cut(to: 128)) was not run, because it could not be recorded: \(error) "
                + "Nothing runs without a record; tell the person, and that an administrator has to look.")
    }
}

/// A call on its way through the gate.
struct Passage: Sendable {
    var request: CallRequest
    var labels: Labels
    /// The tool, once it has been let through.
    var ran: RegisteredTool?

    init(request: CallRequest) {
        self.request = request
        labels = request.labels
    }
}

/// What lets a call run.
struct Permit: Sendable {
    var decision: AuditDecision
    var rule: Rule
    var policyDigest: [UInt8]
    var approvedBy: PersonID?
    /// In whose place, where a deputy did.
    var approvedFor: PersonID?
    /// What was allowed beforehand, and by it this call.
    var grant: GrantID?
    var labels: Labels
    var deadline: Duration
    /// What the tool wanted beyond the policy, and was given.
    var demand: ToolDemand?
    /// What whoever approved it was shown.
    var evidence: Evidence?
}

/// Why a call does not run, in words for the agent.
struct Refusal: Error, Sendable {
    let decision: AuditDecision
    let message: String
    let rule: Rule?
    var by: PersonID?
    var inPlaceOf: PersonID?

    init(
        _ decision: AuditDecision, _ message: String, rule: Rule?, by: PersonID? = nil, inPlaceOf: PersonID? = nil
    ) {
        self.decision = decision
        self.message = message
        self.rule = rule
        self.by = by
        self.inPlaceOf = inPlaceOf
    }
}

/// What a tool came to.
struct Run: Sendable {
    let result: CallToolResult
    let outcome: GateResult.Outcome
    let error: String?
    let duration: Duration
}
