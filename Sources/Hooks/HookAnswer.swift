package import MCP
package import Policy
internal import Store

/// What a hook said. Read strictly: what is not understood could have been a denial.
package struct HookAnswer: Hashable, Sendable {
    package enum Decision: String, Sendable {
        case proceed = "continue"
        case ask, deny
    }

    package var decision: Decision
    package var reason = ""
    package var approvers = Approvers.requester
    /// In place of the call's.
    package var arguments: JSONObject?
    /// In place of the message's or the result's.
    package var text: String?
    package var note: String?

    /// Throws `HookFailure` for anything but one object with what `event` allows.
    package init(parsing bytes: [UInt8], for event: HookEvent) throws(HookFailure) {
        let object: JSONObject
        do {
            guard let value = try JSONValue(parsing: bytes).objectValue else { throw HookFailure("no JSON object") }
            object = value
        } catch {
            throw HookFailure("it answered what is no JSON object")
        }
        if let stranger = object.keys.first(where: { $0 != "decision" && !event.members.contains($0) }) {
            throw HookFailure(
                "its answer has a member \(event.rawValue) does not have: \(stranger.storable.cut(to: 40))")
        }
        func text(_ key: String, upTo limit: Int) throws(HookFailure) -> String? {
            guard let value = object[key] else { return nil }
            guard let text = value.stringValue else { throw HookFailure("\(key) in its answer is no text") }
            return text.storable.cut(to: limit)
        }
        guard let word = object["decision"]?.stringValue, let decision = Decision(rawValue: word),
            event.decisions.contains(decision)
        else {
            let allowed = event.decisions.map(\.rawValue).joined(separator: ", ")
            throw HookFailure("its answer has no decision of \(allowed)")
        }
        self.decision = decision
        reason = try text("reason", upTo: 500) ?? ""
        guard decision == .proceed || !reason.isEmpty else { throw HookFailure("it gave no reason") }
        note = try text("note", upTo: 2000)
        if let value = object["text"] {
            guard let text = value.stringValue else { throw HookFailure("text in its answer is no text") }
            self.text = text.storable
        }
        if let value = object["arguments"] {
            guard let arguments = value.objectValue else { throw HookFailure("arguments in its answer are no object") }
            self.arguments = arguments
        }
        if let word = try text("approvers", upTo: 40) {
            guard ["requester", "secondPerson", "admins"].contains(word), let approvers = Approvers(rawValue: word)
            else {
                throw HookFailure("approvers in its answer are none of the policy's")
            }
            self.approvers = approvers
        }
    }
}

/// Why a hook gave no answer that can be used: the end of a sentence that begins with its name.
package struct HookFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
