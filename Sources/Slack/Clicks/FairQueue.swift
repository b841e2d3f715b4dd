internal import Synchronization

/// Work for people that is not kept: each has a few things waiting and one under way, so that nobody's keeps the others from
/// theirs.
package final class FairQueue<Item: Sendable>: Sendable {
    private struct State {
        var waiting: [String: [Item]] = [:]
        /// Those whose turn it is, in order: of whom something waits, and nothing is under way.
        var next: [String] = []
        var busy: Set<String> = []
        var count = 0
    }

    private let ofOne: Int
    private let ofAll: Int
    private let state = Mutex(State())
    private let wake = WakeSignal()

    /// How many wait at most.
    package init(ofOne: Int = 5, ofAll: Int = 500) {
        self.ofOne = ofOne
        self.ofAll = ofAll
    }

    /// False where too many wait: it is let go.
    @discardableResult
    package func add(_ item: Item, of person: String) -> Bool {
        let isTaken = state.withLock { state in
            guard state.count < ofAll, state.waiting[person, default: []].count < ofOne else { return false }
            if state.waiting[person] == nil, !state.busy.contains(person) { state.next.append(person) }
            state.waiting[person, default: []].append(item)
            state.count += 1
            return true
        }
        if isTaken { wake.set() }
        return isTaken
    }

    /// Works off what comes, `parallel` at a time, each person's in order; until cancelled.
    package func run(parallel: Int, _ body: @escaping @Sendable (Item) async -> Void) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                while let (person, item) = take(atMost: parallel) {
                    group.addTask {
                        await body(item)
                        self.done(person)
                    }
                }
                await wake.wait(atMost: nil, .system)
            }
            group.cancelAll()
        }
    }

    private func take(atMost parallel: Int) -> (String, Item)? {
        state.withLock { state in
            guard state.busy.count < parallel, !state.next.isEmpty else { return nil }
            let person = state.next.removeFirst()
            guard let item = state.waiting[person]?.removeFirst() else { return nil }
            if state.waiting[person]?.isEmpty == true { state.waiting[person] = nil }
            state.busy.insert(person)
            state.count -= 1
            return (person, item)
        }
    }

    private func done(_ person: String) {
        state.withLock { state in
            state.busy.remove(person)
            if state.waiting[person] != nil { state.next.append(person) }
        }
        wake.set()
    }
}
