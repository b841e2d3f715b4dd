/// What the ledger shows, in the last day and in the seven days before, for an operator to be told of what is out of the
/// ordinary. Amounts in millionths of a US dollar.
package struct CostFigures: Hashable, Sendable {
    package struct Days: Hashable, Sendable {
        package var microdollars: Int64 = 0
        package var calls: Int64 = 0
        /// Of them, those of the dearest tier.
        package var bestCalls: Int64 = 0
        /// Tokens sent, and those of them that were read from a cache.
        package var tokens: Int64 = 0
        package var cachedTokens: Int64 = 0

        package init() {}
    }

    /// A run of a task that ended in the last day, and what earlier ones came to, in order of size.
    package struct Run: Hashable, Sendable {
        package var task: String
        package var name: String
        package var run: String
        package var microdollars: Int64
        package var earlier: [Int64]

        package init(task: String, name: String, run: String, microdollars: Int64, earlier: [Int64]) {
            self.task = task
            self.name = name
            self.run = run
            self.microdollars = microdollars
            self.earlier = earlier.sorted()
        }
    }

    /// A conversation in the last hour.
    package struct Conversation: Hashable, Sendable {
        package var id: String
        package var title: String
        package var calls: Int64
        package var microdollars: Int64

        package init(id: String, title: String, calls: Int64, microdollars: Int64) {
            self.id = id
            self.title = title
            self.calls = calls
            self.microdollars = microdollars
        }
    }

    package var lastDay = Days()
    /// Seven days, and how many of them anything was spent in.
    package var before = Days()
    package var daysBefore = 0
    package var runs: [Run] = []
    package var conversations: [Conversation] = []

    package init() {}
}
