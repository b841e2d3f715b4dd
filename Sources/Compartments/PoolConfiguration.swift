package struct PoolConfiguration: Sendable {
    /// How many started, unassigned agent containers wait.
    package var ready: Int
    /// How many of them are started side by side: each start costs the engine CPU that a person may be waiting for.
    package var startsAtOnce: Int

    package init(ready: Int = 2, startsAtOnce: Int = 1) {
        self.ready = ready
        self.startsAtOnce = startsAtOnce
    }
}
