package import Model

/// What the operator takes for outside content.
package struct Sources: Hashable, Sendable {
    package enum Trust: String, CaseIterable, Hashable, Sendable { case untrusted, trusted }

    var uploads = Trust.untrusted
    var guests = Trust.untrusted

    /// The labels of a message.
    package func labels(ofMessageBy role: Role?, hasFiles: Bool) -> Labels {
        let isOutside = (hasFiles && uploads == .untrusted) || ((role ?? .guest) == .guest && guests == .untrusted)
        return isOutside ? .untrusted : []
    }
}

/// When a session in a channel has the requester's own files; what is private by that is answered privately.
package enum PersonalFolder: String, CaseIterable, Hashable, Sendable { case onRequest, always }

package enum RuleOfTwo: String, CaseIterable, Hashable, Sendable { case ask, deny }
