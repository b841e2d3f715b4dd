package import Model

/// The end of the audit chain: what the next row is built on. `sequence` 0: there is no row yet.
package struct AuditTail: Sendable, Equatable {
    package let sequence: Int64
    /// 32 bytes.
    package let digest: [UInt8]

    package init(sequence: Int64, digest: [UInt8]) {
        self.sequence = sequence
        self.digest = digest
    }

    package static let start = AuditTail(sequence: 0, digest: [UInt8](repeating: 0, count: 32))
}

/// A row of the audit as it is stored. What its columns mean and how they are chained is the harness's.
package struct AuditRow: Sendable, Equatable {
    package var sequence: Int64 = 0
    package var at: Timestamp
    package var kind: String
    package var event: String?
    package var requester: String?
    package var onBehalfBy: String?
    package var channel: String?
    package var conversation: String?
    package var session: String?
    package var call: String?
    package var tool: String?
    package var decision: String?
    package var rule: String?
    package var policy: [UInt8]?
    package var microseconds: Int64?
    package var resultBytes: Int64?
    package var resultDigest: [UInt8]?
    package var payloadDigest: [UInt8]?
    package var previous: [UInt8] = []
    package var digest: [UInt8] = []

    package init(at: Timestamp, kind: String) {
        self.at = at
        self.kind = kind
    }
}

package struct SealedAuditRow: Sendable {
    package let row: AuditRow
    package let payload: [UInt8]?

    package init(row: AuditRow, payload: [UInt8]?) {
        self.row = row
        self.payload = payload
    }
}

/// Which rows to show; `nil` matches all.
package struct AuditSelection: Sendable {
    package var after: Int64 = 0
    package var before: Int64?
    package var limit = 200
    /// True: the newest rows that match, still in order.
    package var newest = false
    package var kind: String?
    package var event: String?
    package var session: String?
    package var person: String?
    package var channel: String?
    package var conversation: String?
    package var tool: String?
    package var decision: String?
    package var call: String?
    /// Milliseconds since 1970: from the first on, before the second.
    package var since: Int64?
    package var until: Int64?

    package init() {}
}
