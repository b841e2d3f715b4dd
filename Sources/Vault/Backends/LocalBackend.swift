internal import Crypto
internal import Foundation
internal import Model

/// Values in the database, each sealed with a data key of its own (AES-256-GCM), which the master key wraps.
package struct LocalBackend: SecretBackend {
    package static let backendName = "local"
    package var name: String { Self.backendName }
    package var isLocal: Bool { true }
    /// What a sealed value has more than the value: a nonce and a tag.
    static let sealBytes = 12 + 16

    private let keyring: Keyring

    package init(keyring: Keyring) {
        self.keyring = keyring
    }

    package func put(_ value: SecretValue, at address: SecretAddress) async throws -> StoredValue {
        let master = try keyring.key
        let dataKey = SymmetricKey(size: .bits256)
        do {
            let sealed = try value.withBytes { bytes in
                // A data key seals one value only, so no nonce is ever used twice with it.
                try AES.GCM.seal(bytes, using: dataKey, authenticating: address.context).combined
            }
            return StoredValue(
                wrappedKey: try master.wrap(dataKey, of: address.id), sealed: sealed.map(Array.init), keyID: master.id)
        } catch {
            throw VaultError(.key, "The secret \(address.name) could not be sealed.")
        }
    }

    package func value(at address: SecretAddress, stored: StoredValue) async throws -> SecretValue {
        let master = try keyring.key
        guard let wrapped = stored.wrappedKey, let sealed = stored.sealed else {
            throw VaultError(.key, "The secret \(address.name) has no value here. Set it again.")
        }
        do {
            let dataKey = try master.unwrap(wrapped, of: address.id)
            var plain = try AES.GCM.open(
                AES.GCM.SealedBox(combined: sealed), using: dataKey, authenticating: address.context)
            defer { plain.resetBytes(in: 0..<plain.count) }
            return SecretValue(plain)
        } catch {
            throw VaultError(
                .key,
                "The secret \(address.name) does not open: its row in the database is not as it was sealed. Set it again, "
                    + "and find out who changed the database.")
        }
    }

    package func remove(_ address: SecretAddress) {}
}

extension SecretAddress {
    /// Authenticated with the value, each part with its length before it: a row under another's name, scope, version or
    /// binding opens nothing.
    var context: Data {
        var bytes = Array("bulkhead secret 1".utf8)
        for part in [id.rawValue, name, scope.text, String(version), binding] {
            withUnsafeBytes(of: UInt64(part.utf8.count).bigEndian) { bytes += $0 }
            bytes += part.utf8
        }
        return Data(bytes)
    }
}
