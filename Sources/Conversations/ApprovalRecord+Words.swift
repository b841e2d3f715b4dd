internal import Harness
internal import MCP
internal import Model
internal import Policy
internal import Store
internal import ToolServers

extension ApprovalRecord {
    /// Why an answer to a question that has ended changes nothing.
    var whyLate: String {
        state == .withdrawn
            ? "This question was withdrawn: what it was about was stopped. Your answer changes nothing."
            : "You are late: this question expired on \(expires.rfc3339). Nothing was run, and your answer changes nothing."
    }

    /// Why a second answer changes nothing.
    func whyAlready(to person: PersonID, allow: Bool) -> String {
        let word = state == .denied ? "denied" : "allowed"
        guard decidedBy == person else {
            return
                "This question is answered already: \(deciderName ?? "somebody") \(word) it. Your answer changes nothing."
        }
        return (state == .denied) != allow
            ? "You have answered already, and it counts once: you \(word) it."
            : "You have answered already: you \(word) it. That stands, and this changes nothing."
    }

    /// Whose word it waits for.
    var awaited: String {
        let approvers = Approvers(rawValue: approvers) ?? .admins
        switch approvers {
        case .requester: return "\(requesterName)’s word"
        case .secondPerson: return "the word of somebody else than \(requesterName)"
        default: return "the word of \(approvers.inWords)"
        }
    }

    /// The question as it was asked, with what was said to it. `nil` where nothing was, or where what is stored cannot be
    /// read.
    func answered(in channel: ChannelID, now: Timestamp) -> AnsweredQuestion? {
        guard let decidedBy, let arguments = try? JSONValue(parsing: Array(arguments.utf8)).objectValue,
            let evidence = evidence.flatMap({ try? JSONValue(parsing: $0) }).flatMap(Evidence.init(json:))
        else { return nil }
        return AnsweredQuestion(
            approval: id,
            request: ApprovalRequest(
                call: call, session: session, conversation: conversation, channel: channel, requester: requester,
                tool: tool, effect: effect, arguments: arguments, argumentsDigest: argumentsDigest,
                policyDigest: policyDigest, rule: Rule(name: rule), reason: reason,
                // What this version does not know is for admins, as in the listing.
                approvers: Approvers(rawValue: approvers) ?? .admins, expires: expires.duration(since: now),
                evidence: evidence),
            answer: state == .denied ? .denied(by: decidedBy, reason: note) : .allowed(by: decidedBy))
    }
}

extension ConversationLimits {
    /// When people are reminded of a question that they have `time` to answer: an hour before the end at the latest, and
    /// not at all where there is less.
    func reminder(within time: Duration) -> Duration? {
        let latest = time - .seconds(3600)
        guard approvalReminder > 0, latest > .zero else { return nil }
        return min(time * approvalReminder, latest)
    }
}
