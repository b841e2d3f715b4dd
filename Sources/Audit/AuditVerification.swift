import Crypto
import MCP
import Store

/// What is wrong with the audit, where.
package struct AuditProblem: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// A row's columns are not what was written, or it stands in another's place.
        case changed
        /// Rows are gone between two others.
        case deleted
        /// A row is built on another than the one before it: something was put in or exchanged.
        case misplaced
        case payloadChanged
        /// A row's details are gone, and no row says that they were erased.
        case payloadMissing
        /// The newest rows are gone, or an older copy of the database was put back.
        case cutShort
        /// The chain was written anew: it is whole in itself, and not the one that was witnessed.
        case rewritten
        /// The file that witnesses the chain's end is gone or damaged.
        case headLost
        /// A row that records one of these, found when the daemon started.
        case gap
        /// A checkpoint that was not signed with the audit's key: put in by somebody, or the key was exchanged.
        case forged
    }

    package let kind: Kind
    package let sequence: Int64
    package let description: String
}

package struct AuditVerification: Sendable {
    package internal(set) var rows: Int64 = 0
    /// Up to and with this row the history is what was written. 0: none of it.
    package internal(set) var provableTo: Int64 = 0
    /// The newest row a valid checkpoint speaks for: up to here nobody without the key could have written the chain
    /// anew. 0: there is none.
    package internal(set) var signedTo: Int64 = 0
    /// The last row that was removed by `prune`, on record. 0: none was.
    package internal(set) var prunedTo: Int64 = 0
    /// The first twenty, in order.
    package internal(set) var problems: [AuditProblem] = []

    package var isWhole: Bool { problems.isEmpty }
}

/// One walk along the chain. Pure: rows go in, the verdict comes out.
struct AuditWalk: Sendable {
    private(set) var verification = AuditVerification()
    private var tail = AuditTail.start
    private let head: AuditTail?
    private var hasMetHead = false
    /// By row; those whose signature does not hold are reported and not believed.
    private var checkpoints: [Int64: [AuditCheckpoint]] = [:]
    private var forged: [AuditCheckpoint] = []
    /// The row before the first one that is left, until a row is met that says it was pruned.
    private var start: AuditTail?
    /// Rows whose details are gone, until a row is met that says they were erased.
    private var withoutPayload: Set<Int64> = []
    private static let mostWithoutPayload = 100_000
    private var firstUncounted: Int64?

    init(head: AuditTail?, checkpoints: [AuditCheckpoint] = [], key: AuditPublicKey? = nil) {
        self.head = head
        for checkpoint in checkpoints {
            if let key, !checkpoint.isSigned(by: key) {
                forged.append(checkpoint)
            } else {
                self.checkpoints[checkpoint.sequence, default: []].append(checkpoint)
            }
        }
    }

    mutating func take(_ row: AuditRow, payload: [UInt8]?) {
        verification.rows += 1
        let number = row.sequence
        if verification.rows == 1, number > 1 {
            start = AuditTail(sequence: number - 1, digest: row.previous)
        } else if number != tail.sequence &+ 1 {
            report(.deleted, tail.sequence &+ 1, "rows \(tail.sequence &+ 1) to \(number &- 1) are missing")
        } else if row.previous != tail.digest {
            report(.misplaced, number, "row \(number) is not built on the row before it: one of them was exchanged")
        }
        if AuditChain.digest(of: row) != row.digest {
            report(.changed, number, "row \(number) is not what was written, or stood elsewhere")
        }
        if payload == nil, row.payloadDigest != nil {
            if withoutPayload.count < Self.mostWithoutPayload {
                withoutPayload.insert(number)
            }
            // More cannot be told apart from what was erased on record: counted as lost.
            else if firstUncounted == nil {
                firstUncounted = number
            }
        }
        if row.event == AuditLog.eraseEvent, let erased = Self.details(payload)?["row"]?.intValue {
            withoutPayload.remove(erased)
        }
        if let payload, row.payloadDigest.map({ $0 != Array(SHA256.hash(data: payload)) }) ?? true {
            report(.payloadChanged, number, "the details of row \(number) are not what was written")
        }
        if row.event == AuditLog.gapEvent {
            report(.gap, number, "row \(number) records that the history before it does not fit its witness")
        }
        if row.event == AuditLog.pruneEvent, explainsStart(payload) {
            verification.prunedTo = start?.sequence ?? 0
            start = nil
        }
        tail = AuditTail(sequence: number, digest: row.digest)
        for checkpoint in checkpoints[number] ?? [] {
            if checkpoint.digest == row.digest {
                verification.signedTo = number
            } else {
                report(
                    .rewritten, number,
                    "row \(number) is not the one that was signed for: the chain was written anew, or an older copy put back"
                )
            }
        }
        if let head, head.sequence == number {
            hasMetHead = true
            if head.digest != row.digest {
                report(
                    .rewritten, number, "row \(number) is not the one that was witnessed: the chain was written anew")
            }
        }
        if verification.problems.isEmpty, start == nil { verification.provableTo = number }
    }

    func finished(headFailure: String? = nil) -> AuditVerification {
        var walk = self
        if let headFailure {
            walk.report(.headLost, tail.sequence, headFailure)
        } else if head == nil, tail.sequence > 0 {
            walk.report(.headLost, tail.sequence, "the file that witnesses the end of the audit is empty or gone")
        } else if let head, !hasMetHead, head.sequence > tail.sequence {
            walk.report(
                .cutShort, tail.sequence &+ 1,
                "rows \(tail.sequence &+ 1) to \(head.sequence) were there and are not any more: the table was cut "
                    + "short, or an older copy of the database was put back")
        }
        if let start {
            walk.report(.deleted, 1, "rows 1 to \(start.sequence) are missing, and no row says that they were pruned")
        }
        if let ahead = checkpoints.keys.max(), ahead > tail.sequence {
            walk.report(
                .cutShort, tail.sequence &+ 1,
                "row \(ahead) was signed for and is not there: the table was cut short, or an older copy of the database "
                    + "was put back")
        }
        // What a row's details said is part of the history.
        if let first = ([firstUncounted] + [withoutPayload.min()]).compactMap({ $0 }).min() {
            walk.verification.provableTo = min(walk.verification.provableTo, first - 1)
        }
        for row in (withoutPayload.sorted() + [firstUncounted].compactMap { $0 }).prefix(20) {
            walk.report(
                .payloadMissing, row, "the details of row \(row) are gone, and no row says that they were erased")
        }
        for checkpoint in forged {
            walk.report(
                .forged, checkpoint.sequence,
                "the checkpoint of row \(checkpoint.sequence) was not signed with this key")
        }
        return walk.verification
    }

    /// Whether `row` records that all before the first row that is left was pruned.
    private func explainsStart(_ payload: [UInt8]?) -> Bool {
        guard let start, let details = Self.details(payload), let prunedTo = details["to"]?.intValue
        else { return false }
        let digest = details["digest"]?.stringValue
        // A crash in the middle leaves more than was to go: then the row is there still, and was held against the
        // checkpoint.
        return start.sequence < prunedTo
            ? checkpoints[prunedTo]?.contains { $0.digest.hex == digest } == true
            : start.sequence == prunedTo && digest == start.digest.hex
    }

    private static func details(_ payload: [UInt8]?) -> JSONValue? {
        payload.flatMap { try? JSONValue(parsing: $0) }
    }

    private mutating func report(_ kind: AuditProblem.Kind, _ sequence: Int64, _ text: String) {
        guard verification.problems.count < 20 else { return }
        verification.problems.append(AuditProblem(kind: kind, sequence: sequence, description: text))
    }
}
