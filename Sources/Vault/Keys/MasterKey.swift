internal import Crypto
internal import Foundation
internal import Model
internal import Store

/// What wraps the data keys: 256 bits, and the name by which the database says that it was this one.
package struct MasterKey: Sendable {
    private let key: SymmetricKey

    /// Says nothing of the key: derived from it for this alone.
    package let id: String

    /// `nil` for anything but 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.init(SymmetricKey(data: bytes))
    }

    static func random() -> MasterKey { MasterKey(SymmetricKey(size: .bits256)) }

    private init(_ key: SymmetricKey) {
        self.key = key
        let name = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Data("bulkhead vault key name".utf8), outputByteCount: 8)
        id = name.withUnsafeBytes { Array($0).hex }
    }

    /// What a key file holds: 64 hexadecimal digits.
    var text: String { key.withUnsafeBytes { Array($0).hex } }

    func wrap(_ dataKey: SymmetricKey, of secret: SecretID) throws -> [UInt8] {
        try dataKey.withUnsafeBytes { bytes in
            try AES.GCM.seal(bytes, using: key, authenticating: Self.context(secret)).combined.map(Array.init) ?? []
        }
    }

    /// Throws where it was wrapped by another key, for another secret, or has been changed.
    func unwrap(_ wrapped: [UInt8], of secret: SecretID) throws -> SymmetricKey {
        var bytes = try AES.GCM.open(
            AES.GCM.SealedBox(combined: wrapped), using: key, authenticating: Self.context(secret))
        defer { bytes.resetBytes(in: 0..<bytes.count) }
        return SymmetricKey(data: bytes)
    }

    private static func context(_ secret: SecretID) -> Data { Data("bulkhead data key 1\0\(secret)".utf8) }
}
