package import MCP
package import Model

/// Where sign-ins, and what admins do in the names of others, are recorded. Implemented over the audit trail.
package protocol ConsoleRecorder: Sendable {
    /// Durable before it returns. What must not happen unrecorded does not happen where this throws.
    func record(_ event: ConsoleEvent) async throws
}

package struct ConsoleEvent: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// A sign-in link was made for `person`, by `admin` where that is somebody else.
        case linkMade = "login.link_made"
        case loginSucceeded = "login.succeeded"
        /// Of these only so many are recorded, each with how many there were: `count`.
        case loginRefused = "login.refused"
        case logout
        /// `admin` is about to do something in the name of `person`: `request`.
        case onBehalf = "on_behalf.request"
    }

    package var kind: Kind
    package var person: PersonID?
    package var admin: PersonID?
    package var conversation: ConversationID?
    package var details: JSONObject

    package init(
        _ kind: Kind, person: PersonID?, admin: PersonID?, conversation: ConversationID? = nil,
        details: JSONObject = [:]
    ) {
        self.kind = kind
        self.person = person
        self.admin = admin
        self.conversation = conversation
        self.details = details
    }
}
