package import Model

/// Which value of which secret: a sealed value opens under this alone.
package struct SecretAddress: Hashable, Sendable {
    package let id: SecretID
    package let name: String
    package let scope: SecretScope
    package let version: Int64
    /// Canonical JSON of where it may go: who changes that in the database changes what opens it.
    package let binding: String

    package init(id: SecretID, name: String, scope: SecretScope, version: Int64, binding: String) {
        self.id = id
        self.name = name
        self.scope = scope
        self.version = version
        self.binding = binding
    }
}

/// What of a value stands in the database.
package struct StoredValue: Hashable, Sendable {
    package var wrappedKey: [UInt8]?
    package var sealed: [UInt8]?
    /// Of the master key, where there is one.
    package var keyID: String?

    package init(wrappedKey: [UInt8]? = nil, sealed: [UInt8]? = nil, keyID: String? = nil) {
        self.wrappedKey = wrappedKey
        self.sealed = sealed
        self.keyID = keyID
    }
}

/// Who keeps values. All calls throw `VaultError`; none leaves half a value behind.
package protocol SecretBackend: Sendable {
    /// Stands with each secret: another one's values are not looked for here.
    var name: String { get }
    /// Whether its values are in memory from the start, for the leak scan.
    var isLocal: Bool { get }
    /// Keeps it; what is returned goes into the database after.
    func put(_ value: SecretValue, at address: SecretAddress) async throws -> StoredValue
    func value(at address: SecretAddress, stored: StoredValue) async throws -> SecretValue
    /// No error where there is none.
    func remove(_ address: SecretAddress) async throws
}
