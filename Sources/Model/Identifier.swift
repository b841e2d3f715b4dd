/// A typed identifier: lower-case letters, digits, `-` and `_`, at most 64 characters. The type parameter is only a tag,
/// so that a person can never be passed where a channel is meant.
package struct Identifier<Kind>: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// `nil` where the text has characters an identifier may not have.
    package init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        rawValue = text
    }

    /// For text the program itself made.
    package init(trusted text: String) {
        rawValue = text
    }

    package var description: String { rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension Identifier: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an identifier")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

package enum IdentifierKind {
    package enum Person {}
    package enum Channel {}
    package enum Conversation {}
    package enum Message {}
    package enum Session {}
    package enum Compartment {}
    package enum Call {}
    package enum Approval {}
    package enum Attachment {}
    package enum Grant {}
    package enum Secret {}
    package enum EgressGrant {}
    package enum Task {}
    package enum TaskRun {}
}

package typealias PersonID = Identifier<IdentifierKind.Person>
package typealias ChannelID = Identifier<IdentifierKind.Channel>
package typealias ConversationID = Identifier<IdentifierKind.Conversation>
package typealias MessageID = Identifier<IdentifierKind.Message>
package typealias SessionID = Identifier<IdentifierKind.Session>
package typealias CompartmentID = Identifier<IdentifierKind.Compartment>
package typealias CallID = Identifier<IdentifierKind.Call>
package typealias ApprovalID = Identifier<IdentifierKind.Approval>
package typealias AttachmentID = Identifier<IdentifierKind.Attachment>
package typealias GrantID = Identifier<IdentifierKind.Grant>
package typealias SecretID = Identifier<IdentifierKind.Secret>
package typealias EgressGrantID = Identifier<IdentifierKind.EgressGrant>
package typealias TaskID = Identifier<IdentifierKind.Task>
package typealias TaskRunID = Identifier<IdentifierKind.TaskRun>
