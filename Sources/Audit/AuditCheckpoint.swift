import Crypto
package import Model
import Store

/// The chain's end at a moment, signed. Kept beside the chain and, which is what it is for, in places the harness cannot
/// rewrite: whoever writes the chain anew cannot write those anew.
package struct AuditCheckpoint: Hashable, Sendable {
    package let sequence: Int64
    package let digest: [UInt8]
    package let at: Timestamp
    /// Ed25519 over `image`.
    package let signature: [UInt8]

    /// One line of text, as it stands in a witness: row, milliseconds since 1970, digest, signature.
    package var line: String { "bulkhead-audit 1 \(sequence) \(at.milliseconds) \(digest.hex) \(signature.hex)" }

    /// `nil` for anything but such a line, whatever a witness put before and after it (a log's date and host).
    package init?(line: some StringProtocol) {
        let words = line.split(separator: " ")
        guard let start = words.lastIndex(where: { $0.hasSuffix("bulkhead-audit") }), words.count >= start + 6,
            words[start + 1] == "1",
            let sequence = Int64(words[start + 2]), let at = Int64(words[start + 3]),
            let digest = [UInt8](hex: String(words[start + 4])), digest.count == 32,
            // Whatever a sink put after it: the quotation mark of a JSON text.
            let signature = [UInt8](hex: String(words[start + 5].prefix { $0.isHexDigit })), signature.count == 64
        else { return nil }
        self.init(sequence: sequence, digest: digest, at: Timestamp(milliseconds: at), signature: signature)
    }

    init(_ row: AuditCheckpointRow) {
        self.init(sequence: row.sequence, digest: row.digest, at: row.at, signature: row.signature)
    }

    private init(sequence: Int64, digest: [UInt8], at: Timestamp, signature: [UInt8]) {
        self.sequence = sequence
        self.digest = digest
        self.at = at
        self.signature = signature
    }

    static func sign(_ tail: AuditTail, at time: Timestamp, with key: AuditKey) throws -> AuditCheckpoint {
        AuditCheckpoint(
            sequence: tail.sequence, digest: tail.digest, at: time,
            signature: try key.signature(for: image(tail.sequence, tail.digest, time)))
    }

    func isSigned(by key: AuditPublicKey) -> Bool {
        key.isValid(signature, for: Self.image(sequence, digest, at))
    }

    var row: AuditCheckpointRow {
        AuditCheckpointRow(sequence: sequence, digest: digest, at: at, signature: signature)
    }

    private static func image(_ sequence: Int64, _ digest: [UInt8], _ at: Timestamp) -> [UInt8] {
        Array("bulkhead audit checkpoint 1\n\(sequence)\n\(at.milliseconds)\n".utf8) + digest
    }
}
