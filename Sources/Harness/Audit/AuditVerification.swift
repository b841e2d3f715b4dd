import Crypto
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
        /// The newest rows are gone, or an older copy of the database was put back.
        case cutShort
        /// The chain was written anew: it is whole in itself, and not the one that was witnessed.
        case rewritten
        /// The file that witnesses the chain's end is gone or damaged.
        case headLost
        /// A row that records one of these, found when the daemon started.
        case gap
    }

    package let kind: Kind
    package let sequence: Int64
    package let description: String
}

package struct AuditVerification: Sendable {
    package internal(set) var rows: Int64 = 0
    /// Up to and with this row the history is what was written. 0: none of it.
    package internal(set) var provableTo: Int64 = 0
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

    init(head: AuditTail?) {
        self.head = head
    }

    mutating func take(_ row: AuditRow, payload: [UInt8]?) {
        verification.rows += 1
        let number = row.sequence
        if number != tail.sequence &+ 1 {
            report(.deleted, tail.sequence &+ 1, "rows \(tail.sequence &+ 1) to \(number &- 1) are missing")
        } else if row.previous != tail.digest {
            report(.misplaced, number, "row \(number) is not built on the row before it: one of them was exchanged")
        }
        if AuditChain.digest(of: row) != row.digest {
            report(.changed, number, "row \(number) is not what was written, or stood elsewhere")
        }
        if let payload, row.payloadDigest.map({ $0 != Array(SHA256.hash(data: payload)) }) ?? true {
            report(.payloadChanged, number, "the details of row \(number) are not what was written")
        }
        if row.event == AuditLog.gapEvent {
            report(.gap, number, "row \(number) records that the history before it does not fit its witness")
        }
        tail = AuditTail(sequence: number, digest: row.digest)
        if let head, head.sequence == number {
            hasMetHead = true
            if head.digest != row.digest {
                report(
                    .rewritten, number, "row \(number) is not the one that was witnessed: the chain was written anew")
            }
        }
        if verification.problems.isEmpty { verification.provableTo = number }
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
        return walk.verification
    }

    private mutating func report(_ kind: AuditProblem.Kind, _ sequence: Int64, _ text: String) {
        guard verification.problems.count < 20 else { return }
        verification.problems.append(AuditProblem(kind: kind, sequence: sequence, description: text))
    }
}
