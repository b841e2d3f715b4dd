import Crypto
import Foundation
import Glibc
import Store

/// The key that signs checkpoints: 32 bytes in a file that only the harness may read.
package struct AuditKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    package var publicKey: AuditPublicKey { AuditPublicKey(key.publicKey) }

    /// Reads the key, or makes one where none is yet. Throws `StoreError` where others may read the file, or it holds
    /// something else: a key nobody can trust signs nothing.
    package init(file: String) throws {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreError(path: file, operation: "opening", errno: errno) }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & 0o077 == 0 else {
            throw StoreError(
                .forbidden, "\(file), the key of the audit, must be readable by its owner alone (chmod 600).")
        }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        if count == 0 {
            key = Curve25519.Signing.PrivateKey()
            let raw = Array(key.rawRepresentation)
            guard pwrite(descriptor, raw, raw.count, 0) == raw.count, fsync(descriptor) == 0 else {
                throw StoreError(path: file, operation: "writing", errno: errno)
            }
        } else {
            guard count == 32, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes.prefix(32)) else {
                throw StoreError(
                    .broken,
                    "\(file) is no key of an audit. Put the right one back from a backup; without it older "
                        + "checkpoints cannot be proved.")
            }
            self.key = key
        }
    }

    /// What the keys of tasks' addresses are derived from.
    package var webhookSecret: [UInt8] { derived(for: "task webhooks").withUnsafeBytes { Array($0) } }

    /// For another use than signing: what is known of the one tells nothing of the other.
    func derived(for use: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: key.rawRepresentation), info: Data(use.utf8), outputByteCount: 32)
    }

    func signature(for image: [UInt8]) throws -> [UInt8] {
        Array(try key.signature(for: Data(image)))
    }
}

package struct AuditPublicKey: Hashable, Sendable {
    private let bytes: [UInt8]

    init(_ key: Curve25519.Signing.PublicKey) {
        bytes = Array(key.rawRepresentation)
    }

    package init?(hex: String) {
        guard let bytes = [UInt8](hex: hex), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    package var hex: String { bytes.hex }

    func isValid(_ signature: [UInt8], for image: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(Data(signature), for: Data(image))
    }
}
