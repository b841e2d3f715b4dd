/// What a tool can do, declared when it is registered.
package enum Effect: String, Codable, CaseIterable, Sendable {
    case read
    /// Inside the workspace or to the requester's own things; recoverable.
    case write
    /// Not recoverable.
    case destructive
    /// Seen or felt by others, or outside.
    case external
}

/// How much a conversation may do without asking. Raw values are the names in policy files; `title` is what people see.
package enum Mode: String, Codable, CaseIterable, Sendable {
    case auto
    case acceptEdits
    case readOnly
    case bypassPermissions

    package var title: String {
        switch self {
        case .auto: "Standard"
        case .acceptEdits: "Ask before commands"
        case .readOnly: "Read only"
        case .bypassPermissions: "Unattended"
        }
    }

    /// By either of its names, as a person types it: `readOnly`, `Read only`, `read-only`.
    package init?(named name: String) {
        func plain(_ text: String) -> String { text.lowercased().filter { $0 != " " && $0 != "-" && $0 != "_" } }
        guard
            let mode = Self.allCases.first(where: {
                plain($0.rawValue) == plain(name) || plain($0.title) == plain(name)
            })
        else { return nil }
        self = mode
    }

    /// How careful a mode is; people may only go up.
    package var caution: Int {
        switch self {
        case .bypassPermissions: 0
        case .auto: 1
        case .acceptEdits: 2
        case .readOnly: 3
        }
    }
}

package enum Role: String, Codable, CaseIterable, Sendable {
    case owner, admin, member, guest

    /// The lesser of two: what both of them may.
    package func capped(at ceiling: Role?) -> Role {
        guard let ceiling, let own = Self.order.firstIndex(of: self), let other = Self.order.firstIndex(of: ceiling)
        else {
            return self
        }
        return own < other ? ceiling : self
    }

    /// From the one who may most.
    private static let order: [Role] = [.owner, .admin, .member, .guest]
}

/// What a session has touched. Set by the harness, never by the agent; only ever added to.
package struct Labels: OptionSet, Hashable, Codable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// Contains outside content.
    package static let untrusted = Labels(rawValue: 1)
    package static let `private` = Labels(rawValue: 2)

    package var names: [String] {
        (contains(.untrusted) ? ["untrusted"] : []) + (contains(.private) ? ["private"] : [])
    }
}

/// Who can read a place.
package enum Audience: Hashable, Codable, Sendable {
    case requesterOnly
    case channel(ChannelID)
}
