internal import Crypto
internal import Foundation

/// Whether a request is Slack's (https://docs.slack.dev/authentication/verifying-requests-from-slack): `v0=` and the HMAC of
/// version, time and body under the app's signing secret.
package struct RequestSignature: Sendable {
    package enum Refusal: String, Error, Hashable, Sendable {
        /// A header is missing, or not as it should be.
        case unsigned
        /// Five minutes and more away from now: perhaps a repetition of an old one.
        case stale
        /// By none of the secrets.
        case wrong
    }

    /// Seconds that Slack's clock and ours may be apart.
    package static let tolerance: Int64 = 300

    private let keys: [SymmetricKey]

    /// While a secret is being exchanged there are two. Nil without any, and where one is empty: such a key signs anybody's.
    package init?(secrets: [String]) {
        let secrets = secrets.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        guard !secrets.isEmpty, secrets.allSatisfy({ $0.utf8.count >= 16 }) else { return nil }
        keys = secrets.map { SymmetricKey(data: Array($0.utf8)) }
    }

    /// `timestamp` and `signature` as `X-Slack-Request-Timestamp` and `X-Slack-Signature` have them; `body` as it came, before
    /// anything was decoded; `now` in seconds since 1970.
    package func check(body: [UInt8], timestamp: String?, signature: String?, now: Int64) throws(Refusal) {
        guard let timestamp, (1...12).contains(timestamp.utf8.count),
            timestamp.utf8.allSatisfy({ (48...57).contains($0) }), let time = Int64(timestamp),
            let signature, let code = Self.code(signature)
        else { throw .unsigned }
        guard abs(now - time) <= Self.tolerance else { throw .stale }
        let message = Array("v0:\(timestamp):".utf8) + body
        // All keys are tried, each in constant time.
        var isRight = false
        for key in keys where HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key) {
            isRight = true
        }
        guard isRight else { throw .wrong }
    }

    /// The 32 bytes of `v0=` and 64 digits.
    private static func code(_ signature: String) -> [UInt8]? {
        let bytes = Array(signature.utf8)
        guard bytes.count == 67, signature.hasPrefix("v0=") else { return nil }
        var code: [UInt8] = []
        for index in stride(from: 3, to: 67, by: 2) {
            guard let high = digit(bytes[index]), let low = digit(bytes[index + 1]) else { return nil }
            code.append(high << 4 | low)
        }
        return code
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 97...102: byte - 87
        default: nil
        }
    }
}
