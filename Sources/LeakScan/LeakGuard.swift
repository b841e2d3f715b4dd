package import Model
internal import Synchronization

/// The live secrets to look for in what leaves, and where one may pass. A net for accidents, not a wall: whoever wants to
/// carry a secret out writes it in a way nobody looks for.
package final class LeakGuard: Sendable {
    struct State {
        var automaton = LeakAutomaton.tokens
        /// Of the latest `replace` that is in force.
        var generation = 0
        var exemptions: [SessionID: Exemptions] = [:]
    }

    /// What may pass in a session.
    struct Exemptions {
        var secrets: Set<String> = []
        /// Texts that look like tokens and that the requester wrote.
        var tokens: Set<[UInt8]> = []
    }

    private let state = Mutex(State())
    private let generations = Mutex(0)

    package init() {}

    /// From now on these are looked for, and no others. Takes its time (some 70 ms for a thousand), in which texts are
    /// held against those of before.
    package func replace(with secrets: [LeakSecret]) {
        let generation = generations.withLock { latest in
            latest += 1
            return latest
        }
        let automaton = secrets.isEmpty ? LeakAutomaton.tokens : LeakAutomaton(secrets: secrets)
        state.withLock { state in
            // One that began later may have been quicker.
            guard generation > state.generation else { return }
            state.generation = generation
            state.automaton = automaton
        }
    }

    /// The session was given the secret in the clear: for it alone it passes, until `forget`.
    package func exempt(_ secret: String, in session: SessionID) {
        state.withLock { _ = $0.exemptions[session, default: Exemptions()].secrets.insert(secret) }
    }

    private static let maximumTokens = 64

    /// The requester wrote this to the assistant: what in it looks like a token passes in this session, so that the
    /// assistant can do with it what it was asked to. Live secrets do not pass.
    package func admitTokens(in text: String, to session: SessionID) {
        var text = text
        let tokens = text.withUTF8 { bytes in
            LeakAutomaton.tokens.scan(bytes).matches.prefix(Self.maximumTokens).map { Array(bytes[$0.range]) }
        }
        guard !tokens.isEmpty else { return }
        state.withLock { state in
            let known = state.exemptions[session, default: Exemptions()].tokens.union(tokens)
            if known.count <= Self.maximumTokens { state.exemptions[session, default: Exemptions()].tokens = known }
        }
    }

    package func forget(_ session: SessionID) {
        state.withLock { $0.exemptions[session] = nil }
    }

    func current(for session: SessionID?) -> (LeakAutomaton, Exemptions) {
        state.withLock { state in
            (state.automaton, session.flatMap { state.exemptions[$0] } ?? Exemptions())
        }
    }
}
