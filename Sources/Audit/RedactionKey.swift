internal import Crypto
internal import Foundation
package import MCP
internal import Store

/// Stands for values that are not kept: whoever has a value can show that it was this one, nobody can guess it from what
/// stands in the audit. Made from the audit's key, and never leaves the data directory either.
package struct RedactionKey: Sendable {
    private let key: SymmetricKey

    /// Good for as long as the process lives: for those without a data directory.
    package static var ephemeral: RedactionKey { RedactionKey(key: SymmetricKey(size: .bits256)) }

    fileprivate init(key: SymmetricKey) {
        self.key = key
    }

    /// `{"redacted": "hmac-sha256:…"}` over the value's canonical form: equal values have equal ones.
    package func stand(for value: JSONValue) -> JSONValue {
        ["redacted": .string(digest(of: value.canonical()))]
    }

    /// The same in a text.
    package func stand(forText text: String) -> String {
        "[redacted \(digest(of: JSONValue.string(text).canonical()))]"
    }

    package func digest(of bytes: [UInt8]) -> String {
        "hmac-sha256:" + Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key)).hex
    }
}

extension AuditKey {
    package var redaction: RedactionKey {
        RedactionKey(key: derived(for: "bulkhead audit redaction 1"))
    }
}
