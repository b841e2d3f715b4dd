/// What `bulkhead chat` was asked on the command line.
package struct ChatOptions: Sendable {
    package var channel: String?
    package var thread: String?
    /// An admin's right: to speak for this person.
    package var user: String?
    /// Send this, print the answer, leave. `-`: standard input.
    package var once: String?
    package var json = false
    package var attach: [String] = []
    /// `nil`: ask where a person is there to answer, else deny.
    package var approve: TurnRunner.ApprovalAnswer?
    package var timeout: Duration?
    /// What is asked for, outside of the text: `fast`, `balanced`, `best`.
    package var tier: String?

    package init() {}

    /// What does not go together, before anything is sent.
    package func check() throws(TerminalError) {
        if once == nil {
            if json { throw TerminalError(.usage, "--json goes with --once.") }
            if tier != nil { throw TerminalError(.usage, "--tier goes with --once.") }
            if timeout != nil { throw TerminalError(.usage, "--timeout goes with --once.") }
            if !attach.isEmpty {
                throw TerminalError(.usage, "--attach goes with --once; in the chat there is /attach.")
            }
        }
        if user != nil, approve == .allow || approve == .ask {
            throw TerminalError(
                .usage, "Nobody answers approvals for somebody else: with --user, --approve can only be deny.")
        }
    }
}
