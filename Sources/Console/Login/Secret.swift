internal import Crypto

/// 256 bits of system randomness in URL-safe text. Never stored and never logged: stores keep its `SecretDigest`.
struct Secret: Sendable {
    let text: String

    init() {
        var generator = SystemRandomNumberGenerator()
        text = Hex.encode((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// Text from outside; `nil` unless it looks like one of ours, so that nothing long or odd goes further.
    init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy(Hex.isDigit) else { return nil }
        self.text = text
    }

    var digest: SecretDigest { SecretDigest(of: text) }

    /// What a browser that holds this one as its cookie repeats in a header. Follows from it, so that it need not be
    /// kept, and tells nothing about it.
    var crossSiteToken: String {
        let key = SymmetricKey(data: Array(text.utf8))
        return Hex.encode(HMAC<SHA256>.authenticationCode(for: Array("bulkhead cross-site token".utf8), using: key))
    }
}

/// What is kept of a secret: its SHA-256. Reading the store gives nobody a way in.
package struct SecretDigest: Hashable, Sendable {
    package let hex: String

    init(of text: String) {
        hex = Hex.encode(SHA256.hash(data: Array(text.utf8)))
    }

    /// As read back from a store.
    package init(hex: String) {
        self.hex = hex
    }
}

enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func isDigit(_ byte: UInt8) -> Bool { digits.contains(byte) }
}

/// Compares without telling by its duration how much was right.
func constantTimeEqual(_ left: String, _ right: String) -> Bool {
    let (left, right) = (Array(left.utf8), Array(right.utf8))
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
}
