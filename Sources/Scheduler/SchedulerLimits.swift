/// How much may be scheduled, and how much of it may run at a time.
package struct SchedulerLimits: Sendable {
    /// Tasks of one person that are not over.
    package var tasksPerPerson = 100
    /// Runs at a time, those that wait for a person's word not counted.
    package var runs = 4
    /// Of one owner's.
    package var runsPerPerson = 2
    /// Failures in a row after which a task is paused.
    package var failures = 3
    /// Bytes of a prompt, and of a check's script.
    package var promptBytes = 32 << 10
    /// Of a check's output.
    package var checkBytes = 1 << 20
    package var checkTime: Duration = .seconds(30)
    /// Runs that may wait of one task; more of what happens is not kept.
    package var waitingRuns = 100
    /// A task that is due at a full hour begins up to so much later, unless it says otherwise.
    package var jitter: Duration = .seconds(30)

    /// How often drifted times and what was left behind are looked for.
    package var repair: Duration = .seconds(86_400)

    package init() {}
}
