internal import Model
package import Store
internal import Synchronization

/// The master key in force, once the database and the key's source were found to agree; else why there is none.
package final class Keyring: Sendable {
    private struct State {
        var key: MasterKey?
        var problem = "The vault has not been opened yet."
        var isRotating = false
    }

    package let source: any MasterKeySource
    private let database: Database
    private let state = Mutex(State())

    package init(database: Database, source: any MasterKeySource) {
        self.database = database
        self.source = source
    }

    var key: MasterKey {
        get throws {
            try state.withLock {
                guard let key = $0.key else { throw VaultError(.key, $0.problem) }
                return key
            }
        }
    }

    /// Why nothing can be opened or sealed; `nil` where all is well.
    package var problem: String? { state.withLock { $0.key == nil ? $0.problem : nil } }

    /// Finds the key the database is under, and makes the first one where nothing was ever sealed. Goes on with a rotation
    /// that was cut off. Throws `StoreError` alone: a key that is missing or wrong closes the vault and changes nothing.
    package func open() async throws {
        do {
            let key = try await find()
            state.withLock { $0.key = key }
        } catch let error as VaultError {
            state.withLock { ($0.key, $0.problem) = (nil, error.message) }
        }
    }

    private func find() async throws -> MasterKey {
        let keys = try source.keys()
        if let record = try await database.vault() {
            if let key = keys.first(where: { $0.id == record.keyID }) {
                try source.settle(on: key)
                return key
            }
            let isEmpty = try await database.secrets().allSatisfy { $0.wrappedKey == nil }
            guard isEmpty else {
                throw VaultError(
                    .key,
                    (keys.isEmpty
                        ? "The vault's key is missing: \(source.name) holds none."
                        : "\(source.name) is not the key the vault is sealed with (\(record.keyID)).")
                        + " Secrets stay sealed and nothing was changed. Put the right key back and restart; if it is lost, "
                        + "remove the secrets (bulkhead secret rm) and set them again.")
            }
        }
        let key = try keys.first ?? source.makeFirst()
        try await database.openVault(keyID: key.id)
        return key
    }

    /// Wraps every data key anew. Cut off anywhere, either the old key or the new one is in force, whole, and both are kept
    /// until it is known which. One at a time: a second one throws `.conflict`. Returns how many.
    package func rotate(_ passed: @Sendable (RotationStep) throws -> Void = { _ in }) async throws -> Int {
        let old = try beginRotation()
        defer { state.withLock { $0.isRotating = false } }
        let next = try source.next(after: old)
        try passed(.prepared)
        // The last moment in which nothing is lost by it: what the database is under next has to be kept somewhere.
        guard try source.keys().contains(where: { $0.id == next.id }) else {
            throw VaultError(
                .key,
                "The next key is not where it was put beside \(source.name), so nothing was rotated. Rotate again.")
        }
        let count = try await database.rotateVault(from: old.id, to: next.id) { id, wrapped in
            do {
                return try next.wrap(try old.unwrap(wrapped, of: id), of: id)
            } catch {
                throw StoreError(
                    .broken,
                    "The key of the secret \(id) does not open, so nothing was rotated. Remove that secret or set it again "
                        + "(bulkhead vault status names it), then rotate.")
            }
        }
        state.withLock { $0.key = next }
        try passed(.rewrapped)
        try source.settle(on: next)
        try passed(.settled)
        return count
    }

    /// The key in force, which nobody else rotates from.
    private func beginRotation() throws -> MasterKey {
        try state.withLock {
            guard let key = $0.key else { throw VaultError(.key, $0.problem) }
            guard !$0.isRotating else { throw VaultError(.conflict, "A rotation is under way.") }
            $0.isRotating = true
            return key
        }
    }
}

/// Where a rotation can be cut off, for tests.
package enum RotationStep: CaseIterable, Sendable { case prepared, rewrapped, settled }
