/// How much a client of Slack's takes, and how long it waits.
package struct SlackLimits: Hashable, Sendable {
    /// All of one call: waiting for its turn, all tries, the answer.
    package var patience: Duration = .seconds(60)
    /// One try.
    package var answer: Duration = .seconds(20)
    /// A file's bytes up or down, all of it.
    package var fileTransfer: Duration = .seconds(300)
    package var answerBytes: Int = 8 << 20
    /// Tries of a call that may be repeated. What Slack refused by its rate is no try.
    package var tries: Int = 4
    package var backoff = Backoff(first: .milliseconds(500), longest: .seconds(8))
    /// Calls that wait for their turn, in one rate.
    package var longestQueue: Int = 256

    package init() {}
}
