package import Model

/// A secret as everybody but its user knows it: all but its value.
package struct Secret: Hashable, Sendable {
    package let id: SecretID
    package let name: SecretName
    package let scope: SecretScope
    /// Of the value; grows with each `set`.
    package let version: Int64
    package let binding: SecretBinding
    /// Who put it there.
    package let owner: PersonID
    package let created: Timestamp
    package let changed: Timestamp
    package let uses: Int64
    package let lastUsed: Timestamp?

    package init(
        id: SecretID, name: SecretName, scope: SecretScope, version: Int64, binding: SecretBinding, owner: PersonID,
        created: Timestamp, changed: Timestamp, uses: Int64, lastUsed: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.scope = scope
        self.version = version
        self.binding = binding
        self.owner = owner
        self.created = created
        self.changed = changed
        self.uses = uses
        self.lastUsed = lastUsed
    }
}
