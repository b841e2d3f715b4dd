/// What is shown of a turn while it runs.
package struct LifeSettings: Sendable, Hashable {
    /// The emoji put on a message that was accepted, without colons; `nil` for none.
    package var reaction: String? = "eyes"
    /// Whether Slack's own line under a thread ("Bulkhead is reading files…") is used.
    package var showsStatus = true
    /// Whether people see an answer while it is being written.
    package var showsDrafts = true
    /// Whether Slack's streaming is used for that where it can be; else a message is changed in place.
    package var streams = true
    /// After which time a turn says what it does, in a message; `nil` for never.
    package var progressAfter: Duration? = .seconds(10)

    package init() {}
}
