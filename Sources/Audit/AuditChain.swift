import Crypto
import Model
import Store

/// How rows are chained: each row's digest is the SHA-256 of the digest before it and of all its columns, each with its
/// kind and length, so that no two different rows have the same bytes. Never to be changed: chains out there depend on it.
enum AuditChain {
    static func seal(_ row: AuditRow, after tail: AuditTail) -> AuditRow {
        var row = row
        row.sequence = tail.sequence &+ 1
        row.previous = tail.digest
        row.digest = digest(of: row)
        return row
    }

    static func digest(of row: AuditRow) -> [UInt8] {
        var image: [UInt8] = []
        image.reserveCapacity(512)
        add("bulkhead audit 1", to: &image)
        add(row.previous, to: &image)
        add(row.sequence, to: &image)
        add(row.at.milliseconds, to: &image)
        add(row.kind, to: &image)
        for text in [
            row.event, row.requester, row.onBehalfBy, row.channel, row.conversation, row.session, row.call, row.tool,
            row.decision, row.rule,
        ] {
            add(text, to: &image)
        }
        add(row.policy, to: &image)
        add(row.microseconds, to: &image)
        add(row.resultBytes, to: &image)
        add(row.resultDigest, to: &image)
        add(row.payloadDigest, to: &image)
        return Array(SHA256.hash(data: image))
    }

    private static func add(_ text: String?, to image: inout [UInt8]) {
        guard var text else { return image.append(0) }
        text.withUTF8 { bytes in
            image.append(1)
            add(length: bytes.count, to: &image)
            image.append(contentsOf: bytes)
        }
    }

    private static func add(_ number: Int64?, to image: inout [UInt8]) {
        guard let number else { return image.append(0) }
        image.append(2)
        withUnsafeBytes(of: number.bigEndian) { image.append(contentsOf: $0) }
    }

    private static func add(_ bytes: [UInt8]?, to image: inout [UInt8]) {
        guard let bytes else { return image.append(0) }
        image.append(3)
        add(length: bytes.count, to: &image)
        image.append(contentsOf: bytes)
    }

    private static func add(length: Int, to image: inout [UInt8]) {
        withUnsafeBytes(of: UInt64(length).bigEndian) { image.append(contentsOf: $0) }
    }
}
