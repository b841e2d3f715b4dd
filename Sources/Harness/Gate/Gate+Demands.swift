import Audit
import LeakScan
import MCP
import Model
import Policy
import Store
import ToolServers

// What the tool itself says a call needs beyond the policy: a secret's use, say.
extension Gate {
    /// By the system's clock: `clock` is people's.
    private static let patience = Duration.seconds(30)

    /// Throws a denial where it cannot be told.
    func demand(of request: CallRequest, _ entry: ToolRegistry.Entry) async throws -> ToolDemand? {
        do {
            var demand = try await withDeadline(Self.patience, clock: ContinuousClock()) {
                try await entry.server.demand(
                    for: request.tool, arguments: request.arguments, context: ToolContext(request))
            }
            // What is a person's own is not used in their name by somebody else.
            if request.onBehalfBy != nil, demand?.word == nil { demand?.word = .requester }
            return demand
        } catch let error as CancellationError {
            throw error
        } catch {
            let why = error is DeadlinePassed ? "what it needs could not be found out in time" : "\(error)"
            throw Refusal(.deny, "\(request.tool) was denied: \(why)", rule: .unknownDemand)
        }
    }

    /// `decision`, or a question in its place. No standing grant answers it: what is agreed to is this use.
    func demanded(
        _ decision: Decision, _ demand: ToolDemand?, _ question: PolicyQuestion, _ policy: Policy
    ) -> Decision {
        guard let demand, let word = demand.word else { return decision }
        let approvers: Approvers = word == .admin ? .admins : .requester
        // Without a reach (`grants`): asked each time.
        let rule = Rule(name: demand.rule)
        switch decision {
        case .deny: return decision
        case .allow:
            return question.raised(
                decision, to: approvers, expires: policy.expires, reason: demand.reason, rule: rule)
        case .ask(_, let expires, let reason, _):
            let asked = Decision.ask(
                approvers, expires: policy.expires, reason: demand.reason, rule: rule)
            guard case .ask(let stricter, _, _, _) = decision.stricter(than: asked) else {
                return decision.stricter(than: asked)
            }
            return .ask(
                stricter, expires: min(expires, policy.expires), reason: "\(reason); \(demand.reason)", rule: rule)
        }
    }

    /// A question is kept with all it is about, until it is answered and after.
    func refuseToKeepSecrets(of request: CallRequest, _ tool: RegisteredTool) throws(Refusal) {
        // Without the session: what it may see is kept by nobody else either.
        let found = leaks.leaks.screened(request.arguments, in: LeakSubject(requester: request.requester)).findings
        guard !found.contains(where: { if case .secret = $0.source { true } else { false } }) else {
            throw Refusal(
                .deny,
                "\(request.tool) was denied: people would have to be asked, and a live secret stands in its arguments, "
                    + "which must not be kept with a question. Use the secret by its name.", rule: .keptSecret)
        }
        guard tool.secretArguments.contains(where: { request.arguments[$0] != nil }) else {
            return
        }
        throw Refusal(
            .deny,
            "\(request.tool) was denied: people would have to be asked, and what it was given must not be kept with a "
                + "question. The person can store it themselves, with `bulkhead secret set`.", rule: .keptSecret)
    }
}

extension Rule {
    static let unknownDemand = Rule(name: "what the tool needs")
    static let keptSecret = Rule(name: "secrets are not kept")
}

extension ToolContext {
    /// As it is before anything is decided.
    init(_ request: CallRequest) {
        self.init(
            session: request.session, conversation: request.conversation, channel: request.channel,
            requester: request.requester, call: request.id)
    }
}
