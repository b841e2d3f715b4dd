/// The target a session's last answer came from, where its prompt cache is warm. Pure; times are uptimes.
struct TargetPin: Hashable, Sendable {
    var target: ModelTarget.ID
    /// Since when without a break.
    var since: Duration
    var lastUse: Duration

    /// Providers keep a prompt this long after its last use. Then coming back to the better target costs nothing.
    static let warmth: Duration = .seconds(300)
    /// A session that never pauses comes back after this all the same.
    static let longest: Duration = .seconds(1800)

    mutating func use(_ target: ModelTarget.ID, now: Duration) {
        if self.target != target { self = TargetPin(target: target, since: now, lastUse: now) }
        lastUse = now
    }

    func holds(now: Duration) -> Bool {
        now - lastUse < Self.warmth && now - since < Self.longest
    }

    /// `targets` in the operator's order, with the pinned one first as long as the pin holds.
    static func order(_ targets: [ModelTarget], pin: TargetPin?, now: Duration) -> [ModelTarget] {
        guard let pin, pin.holds(now: now), let place = targets.firstIndex(where: { $0.id == pin.target }) else {
            return targets
        }
        return [targets[place]] + targets[..<place] + targets[(place + 1)...]
    }
}
