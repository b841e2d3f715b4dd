/// A place in the workspace container. Raw values are the names of directories and of requests to an engine.
package enum Mount: String, Codable, CaseIterable, Sendable {
    /// The operator's config, skills and reference data.
    case global
    /// The channel's memory, logs and archives, written by the harness.
    case group
    /// The channel's files.
    case shared
    /// The conversation's files.
    case thread
    /// The requester's own.
    case user
    /// The session's scratch.
    case session

    package var path: String {
        switch self {
        case .shared: "/workspace/group/shared"
        case .global, .group, .thread, .user, .session: "/workspace/\(rawValue)"
        }
    }

    /// Written by the harness from outside: processes in the workspace only ever read it.
    package var isReadOnly: Bool { self == .global || self == .group }
}

package enum Access: String, Codable, Sendable {
    case readOnly = "ro"
    case readWrite = "rw"
}

/// A volume by what it is, never by a path on some host.
package struct Volume: Hashable, Sendable, CustomStringConvertible {
    package let kind: Mount
    /// The identifier of channel, conversation, person or session; empty for `global`.
    package let key: String

    /// `nil` where `key` is not an identifier, or is one where none belongs.
    package init?(kind: Mount, key: String) {
        guard kind == .global ? key.isEmpty : Identifier<Mount>(key) != nil else { return nil }
        self.kind = kind
        self.key = key
    }

    package static let global = Volume(trusted: .global, "")
    package static func group(_ id: ChannelID) -> Volume { Volume(trusted: .group, id.rawValue) }
    package static func shared(_ id: ChannelID) -> Volume { Volume(trusted: .shared, id.rawValue) }
    package static func thread(_ id: ConversationID) -> Volume { Volume(trusted: .thread, id.rawValue) }
    package static func user(_ id: PersonID) -> Volume { Volume(trusted: .user, id.rawValue) }
    package static func session(_ id: SessionID) -> Volume { Volume(trusted: .session, id.rawValue) }

    private init(trusted kind: Mount, _ key: String) {
        self.kind = kind
        self.key = key
    }

    package var description: String { key.isEmpty ? kind.rawValue : "\(kind.rawValue)/\(key)" }
}

/// A volume as one compartment is given it.
package struct VolumeGrant: Hashable, Sendable {
    package let volume: Volume
    package let access: Access

    /// Read-only kinds stay so, whatever is asked.
    package init(_ volume: Volume, _ access: Access) {
        self.volume = volume
        self.access = volume.kind.isReadOnly ? .readOnly : access
    }
}

/// A compartment's containers.
package enum CompartmentPart: String, Codable, CaseIterable, Sendable {
    case agent
    case workspace
    /// A second workspace container beside the session's, of the same make, for one command that is given secrets: what
    /// ran before and what runs beside it in the session's own cannot look at it. Ends with its command.
    case errand
}
