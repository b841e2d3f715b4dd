package import Model
package import Store

/// What the scheduler needs of those who do the work.
package protocol TaskRunner: Sendable {
    /// Whether one more run may begin beside what people ask for, who go first.
    func hasRoom() async -> Bool
    /// What stops everything for the task's owner there, in words; its runs wait until that ends.
    func obstacle(to task: TaskRecord) async -> String?
    /// The words of a run as they may be put before an agent. Throws a sentence where a check of the operator's withholds
    /// them.
    func screened(_ text: String, of task: TaskRecord) async throws -> String
    /// Runs the task's script where its owner's commands run, as the policy allows, and returns what it printed. Throws a
    /// sentence where it may not run or fails.
    func check(_ script: String, of task: TaskRecord) async throws -> String
    /// The run's message is in the inbox.
    func takeUp(_ message: MessageRecord) async
    /// Ends a run's turn; `reason` stands where its answer would.
    func end(_ run: TaskRunRecord, reason: String) async
    /// A line to the owner, where nobody else reads it.
    func tell(_ owner: PersonID, _ text: String) async
    /// On record.
    func record(_ event: TaskEvent) async throws -> Int64
}

/// A line of the audit about a task.
package struct TaskEvent: Sendable {
    package var name: String
    package var task: TaskRecord
    package var run: TaskRunRecord?
    /// Who did it; `nil`: nobody, it happened.
    package var by: PersonID?
    package var details: [String: String]

    package init(
        _ name: String, _ task: TaskRecord, run: TaskRunRecord? = nil, by person: PersonID? = nil,
        details: [String: String] = [:]
    ) {
        self.name = name
        self.task = task
        self.run = run
        by = person
        self.details = details
    }
}
