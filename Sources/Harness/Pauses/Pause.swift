package import Model
import Store

/// What an operator can stop at once.
package enum PauseScope: Hashable, Sendable {
    case all
    case person(PersonID)
    case channel(ChannelID)
    case tool(String)

    /// As it is stored: `all`, `person:ID`, `channel:ID`, `tool:NAME`.
    package var text: String {
        switch self {
        case .all: "all"
        case .person(let person): "person:\(person)"
        case .channel(let channel): "channel:\(channel)"
        case .tool(let tool): "tool:\(tool)"
        }
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.count == 2 ? parts[1] : nil) {
        case ("all", nil): self = .all
        case ("person", let id?): guard let id = PersonID(id) else { return nil }; self = .person(id)
        case ("channel", let id?): guard let id = ChannelID(id) else { return nil }; self = .channel(id)
        case ("tool", let name?):
            guard !name.isEmpty else { return nil }
            self = .tool(name)
        default: return nil
        }
    }

    func covers(_ request: CallRequest) -> Bool {
        switch self {
        case .tool(let tool): tool == request.tool
        case .all, .person, .channel:
            covers(person: request.requester, onBehalfBy: request.onBehalfBy, channel: request.channel)
        }
    }

    /// Whether work for `person` in `channel` is stopped as a whole. A person's pause also stops what that person has
    /// done in another's name.
    package func covers(person: PersonID, onBehalfBy: PersonID?, channel: ChannelID) -> Bool {
        switch self {
        case .all: true
        case .person(let paused): paused == person || paused == onBehalfBy
        case .channel(let paused): paused == channel
        case .tool: false
        }
    }
}

package struct Pause: Hashable, Sendable {
    package let scope: PauseScope
    package let by: PersonID
    package let byName: String
    package let reason: String
    package let since: Timestamp

    /// `paused by anna (looking into something)`.
    package var inWords: String { "paused by \(byName)" + (reason.isEmpty ? "" : " (\(reason))") }

    init?(_ record: PauseRecord) {
        guard let scope = PauseScope(record.scope) else { return nil }
        self.scope = scope
        by = record.by
        byName = record.byName
        reason = record.reason
        since = record.since
    }
}
