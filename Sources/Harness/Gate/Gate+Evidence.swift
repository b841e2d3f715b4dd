import Audit
import Crypto
import MCP
import Model
import Policy
import Store
import ToolServers

extension Gate {
    /// How long a tool server may take to tell what a call would work on, by the system's clock: `clock` is people's.
    private static let patience = Duration.seconds(60)

    /// What the call would work on now. Where it cannot be told nobody is asked: they would not know what about.
    func evidence(
        for request: CallRequest, _ entry: ToolRegistry.Entry, like earlier: Evidence? = nil
    ) async throws -> Evidence {
        do {
            var evidence =
                try await withDeadline(Self.patience, clock: ContinuousClock()) {
                    try await entry.server.evidence(for: request.tool, arguments: request.arguments, like: earlier)
                } ?? Evidence()
            evidence.tool = Array(SHA256.hash(data: (entry.tool.tool.json.objectValue ?? [:]).canonical())).hex
            return evidence
        } catch let error as CancellationError {
            throw error
        } catch {
            let why = error is DeadlinePassed ? "its server did not tell within \(Self.patience)" : "\(error)"
            throw Refusal(
                .refused,
                "\(request.tool) needs a person's word, and what it would work on could not be found out, so it did not "
                    + "run: \(why)", rule: nil)
        }
    }

    /// Throws where what people agreed to is not what would run now.
    func requireSame(
        _ shown: Evidence, _ request: CallRequest, _ entry: ToolRegistry.Entry, rule: Rule?, by person: PersonID?
    ) async throws {
        let now: Evidence
        do {
            now = try await evidence(for: request, entry, like: shown)
        } catch let refusal as Refusal {
            throw Refusal(.refused, refusal.message, rule: rule, by: person)
        }
        guard let difference = now.difference(from: shown) else { return }
        throw Refusal(
            .refused,
            "\(difference.storable.cut(to: 1000)) changed after it was approved, so \(request.tool) did not run. Ask "
                + "again: call it again, and a person will see what it is now.", rule: rule, by: person)
    }
}
