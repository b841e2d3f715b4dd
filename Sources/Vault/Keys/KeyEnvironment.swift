import Glibc

/// The master key from the environment, for where there is neither a file system to trust nor systemd. Taken out of the
/// process's own environment when it is read, out of the memory that /proc shows as well.
package struct KeyEnvironment: MasterKeySource {
    package static let variable = "BULKHEAD_VAULT_KEY"
    private let found: [MasterKey]

    /// At start, before anything that reads the environment runs. Throws for what is no key.
    package init() throws {
        found = try ["", "_NEXT"].compactMap { suffix in
            let variable = Self.variable + suffix
            guard let value = getenv(variable) else { return nil }
            let length = strlen(value)
            let text = Array(UnsafeRawBufferPointer(start: value, count: length))
            SecretValue.wipe(UnsafeMutableRawBufferPointer(start: value, count: length))
            unsetenv(variable)
            return try Self.key(of: text, in: "The environment variable \(variable)")
        }
    }

    package var name: String { "the environment variable \(Self.variable)" }

    package func keys() -> [MasterKey] { found }

    package func makeFirst() throws -> MasterKey {
        throw VaultError(.key, "\(Self.variable) is not set. Give 64 hexadecimal digits (openssl rand -hex 32).")
    }

    package func next(after key: MasterKey) throws -> MasterKey {
        guard let next = found.first(where: { $0.id != key.id }) else {
            throw VaultError(
                .key,
                "To rotate, start with the next key as \(Self.variable)_NEXT beside the one in force, and rotate again."
            )
        }
        return next
    }

    package func settle(on key: MasterKey) {}
}
