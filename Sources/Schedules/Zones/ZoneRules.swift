/// What the clocks of a zone show, ever: stretches of time with one offset each.
struct ZoneRules: Sendable, Equatable {
    struct Transition: Sendable, Equatable {
        /// Seconds since 1970 in UTC: from here on `offset` holds.
        var start: Int
        /// Seconds that the clocks are ahead of UTC.
        var offset: Int
    }

    /// A stretch of time with one offset.
    struct Segment: Sendable, Equatable {
        var index: Int
        /// Seconds since 1970 in UTC. `Int.min` for the first.
        var start: Int
        /// Where the next begins. `Int.max` for the last.
        var end: Int
        var offset: Int
    }

    /// No zone has ever been further from UTC. What is read is held to it.
    static let largestOffset = 26 * 3600

    /// Before the first transition.
    let firstOffset: Int
    /// In order of time; each changes the offset.
    let transitions: [Transition]

    /// Transitions that change only the name of the time or whether it counts as summer time are left out.
    init(firstOffset: Int, transitions all: [Transition]) {
        self.firstOffset = firstOffset
        var offset = firstOffset
        var kept: [Transition] = []
        for transition in all where transition.offset != offset {
            offset = transition.offset
            kept.append(transition)
        }
        transitions = kept
    }

    static let utc = ZoneRules(firstOffset: 0, transitions: [])

    /// The stretch in which a moment lies, given in seconds since 1970.
    func segment(at second: Int) -> Segment {
        // The number of transitions at or before it.
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle].start <= second { low = middle + 1 } else { high = middle }
        }
        return segment(low)
    }

    func segment(after segment: Segment) -> Segment? {
        segment.index < transitions.count ? self.segment(segment.index + 1) : nil
    }

    func segment(before segment: Segment) -> Segment? {
        segment.index > 0 ? self.segment(segment.index - 1) : nil
    }

    func offset(at second: Int) -> Int {
        segment(at: second).offset
    }

    /// When the clocks first show `wall` (seconds since 1970 as if they were UTC's), or, where they skip it, the end of the gap.
    func firstMoment(showing wall: Int) -> Int {
        var segment = segment(at: wall - Self.largestOffset)
        while segment.end != .max, wall >= segment.end + segment.offset, let next = self.segment(after: segment) {
            segment = next
        }
        if segment.start != .min, wall < segment.start + segment.offset { return segment.start }
        return wall - segment.offset
    }

    private func segment(_ index: Int) -> Segment {
        Segment(
            index: index, start: index == 0 ? .min : transitions[index - 1].start,
            end: index == transitions.count ? .max : transitions[index].start,
            offset: index == 0 ? firstOffset : transitions[index - 1].offset)
    }
}
