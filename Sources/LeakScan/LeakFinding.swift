package import Model

/// Something that must not leave, by what it is called; its value is not in here.
package struct LeakFinding: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        case secret(id: String, owner: PersonID?)
        /// A well-known form of token, of which nobody here knows whose it is.
        case token
    }

    package let source: Source
    /// The secret's, or the form's.
    package let name: String
    /// How it was written: `plain`, `base64`, …
    package let form: String

    package init(source: Source, name: String, form: String) {
        self.source = source
        self.name = name
        self.form = form
    }
}

/// Whose session a text is of, and what of it.
package struct LeakSubject: Hashable, Sendable {
    package var session: SessionID?
    package var requester: PersonID?
    package var channel: ChannelID?
    package var conversation: ConversationID?
    package var call: CallID?
    package var tool: String?
    /// Written down for good, and read by others: where no requester is known, no personal secret is spared.
    package var isRecord: Bool

    package init(
        session: SessionID? = nil, requester: PersonID? = nil, channel: ChannelID? = nil,
        conversation: ConversationID? = nil, call: CallID? = nil, tool: String? = nil,
        isRecord: Bool = false
    ) {
        self.session = session
        self.requester = requester
        self.channel = channel
        self.conversation = conversation
        self.call = call
        self.tool = tool
        self.isRecord = isRecord
    }
}

/// Where a text was on its way to.
package enum LeakPlace: String, Hashable, Sendable {
    case result, answer, draft, file, question
    case modelRequest = "model request"
    case audit
}

package struct LeakReport: Sendable {
    package let findings: [LeakFinding]
    package let place: LeakPlace
    package let subject: LeakSubject

    package init(findings: [LeakFinding], place: LeakPlace, subject: LeakSubject) {
        self.findings = findings
        self.place = place
        self.subject = subject
    }
}

/// Whom the scan tells of what it found: labels the session, writes the audit, tells people.
package protocol LeakRecorder: Sendable {
    /// What has to be durable is when this returns. Throws where it is not: then nothing of the text goes on.
    func record(_ report: LeakReport) async throws
}

/// Texts as they may go on.
package struct Screened<Value: Sendable>: Sendable {
    package var value: Value
    /// Each once.
    package var findings: [LeakFinding]

    package init(_ value: Value, findings: [LeakFinding] = []) {
        self.value = value
        self.findings = findings
    }
}
