import Glibc

/// The master key as a systemd credential: files that systemd lays into `$CREDENTIALS_DIRECTORY`, readable by the service
/// alone. Bulkhead cannot write there, so the operator gives the next one beside it before a rotation, and takes the
/// older one away after.
package struct KeyCredential: MasterKeySource {
    package static let credential = "bulkhead-vault-key"
    private let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    package var name: String { "the credential \(Self.credential)" }

    package func keys() throws -> [MasterKey] {
        try ["", "-next"].compactMap { try read(directory + "/" + Self.credential + $0) }
    }

    package func makeFirst() throws -> MasterKey {
        throw VaultError(
            .key, "There is no credential \(Self.credential) in \(directory). Give one with LoadCredentialEncrypted=.")
    }

    package func next(after key: MasterKey) throws -> MasterKey {
        guard let next = try keys().first(where: { $0.id != key.id }) else {
            throw VaultError(
                .key,
                "To rotate, give the next key as the credential \(Self.credential)-next beside the one in force, restart, "
                    + "and rotate again.")
        }
        return next
    }

    package func settle(on key: MasterKey) {}

    private func read(_ path: String) throws -> MasterKey? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw VaultError(.key, "The credential \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o007 == 0 else {
            throw VaultError(.key, "\(path) is not what systemd makes of a credential: others can read it.")
        }
        var buffer = [UInt8](repeating: 0, count: 256)
        defer { buffer.withUnsafeMutableBytes { SecretValue.wipe($0) } }
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return try Self.key(of: Array(buffer.prefix(max(0, count))), in: path)
    }
}
