/// Whether a target is asked at all: one that failed again and again is left alone for a while, and then tried by one call
/// before the others follow. Pure; times are uptimes.
///
///     closed ── failures in a row ──► open ── its time is over ──► trying ── success ──► closed
///                                       ▲                            │
///                                       └───────── failure ──────────┘
struct CircuitBreaker: Hashable, Sendable {
    enum State: Hashable, Sendable {
        case closed(failures: Int)
        case open(until: Duration, rests: Int)
        /// One call finds out. It counts as lost at `until`, should nobody ever say what became of it.
        case trying(until: Duration, rests: Int)
    }

    private(set) var state = State.closed(failures: 0)

    /// Failures in a row, each of a call that had repeated itself as often as it is worth it.
    static let patience = 3
    /// The first rest; each further one is twice as long, up to `longestRest`.
    static let firstRest: Duration = .seconds(15)
    static let longestRest: Duration = .seconds(300)
    /// How long the trying call keeps others waiting.
    static let trial: Duration = .seconds(180)

    /// Whether a call may go to the target now. A call that may has to say what became of it.
    mutating func admit(now: Duration) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until, let rests), .trying(let until, let rests):
            guard now >= until else { return false }
            state = .trying(until: now + Self.trial, rests: rests)
            return true
        }
    }

    /// The target answered, be it that it does not want what it was asked.
    mutating func succeeded() {
        state = .closed(failures: 0)
    }

    /// `rest` is what the target itself asked for.
    mutating func failed(now: Duration, rest: Duration? = nil) {
        switch state {
        case .closed(let failures):
            state = failures + 1 < Self.patience ? .closed(failures: failures + 1) : opened(now: now, rests: 0, rest)
        case .trying(_, let rests): state = opened(now: now, rests: rests + 1, rest)
        // A call from before it opened.
        case .open: break
        }
    }

    /// The call ended for reasons of its own and shows nothing: another may try.
    mutating func abandoned(now: Duration) {
        if case .trying(_, let rests) = state { state = .open(until: now, rests: rests) }
    }

    /// How long until a call may go there; `nil` where one may now.
    func wait(now: Duration) -> Duration? {
        switch state {
        case .closed: nil
        case .open(let until, _), .trying(let until, _): until > now ? until - now : nil
        }
    }

    private func opened(now: Duration, rests: Int, _ asked: Duration?) -> State {
        let rest = min(Self.longestRest, Self.firstRest * (1 << min(rests, 10)))
        return .open(until: now + min(max(rest, asked ?? .zero), Self.longestRest), rests: rests)
    }
}
