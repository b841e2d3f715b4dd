package import Model

import GRDB

/// One time that a task runs, or was looked at whether it should.
package struct TaskRunRecord: Sendable, Hashable {
    package enum State: String, Sendable, Codable, CaseIterable {
        /// Claimed, and not begun.
        case waiting
        /// Its task's script is being asked whether there is anything to do.
        case checking
        case running
        /// A person's word is waited for.
        case blocked
        case succeeded, failed
        /// There was nothing to do, or nothing to say.
        case quiet
        /// Somebody took it back.
        case cancelled

        package var isOver: Bool { [.succeeded, .failed, .quiet, .cancelled].contains(self) }
    }

    package enum Cause: String, Sendable, Codable, CaseIterable {
        case schedule, event
        /// A person asked for it.
        case now
        /// The first one, under its owner's eyes.
        case trial
    }

    /// Whether people got to see what came of it, where that takes more than the transcript.
    package enum Delivery: String, Sendable {
        case none, waiting, delivered, failed
    }

    package let id: TaskRunID
    package let task: TaskID
    package let owner: PersonID
    package let cause: Cause
    package let due: Timestamp
    /// From 1.
    package let attempt: Int
    /// What started it, by its own id.
    package let event: String?
    /// The task's, when this was claimed.
    package let digest: String
    package let state: State
    package let reason: String?
    /// Not before then.
    package let begins: Timestamp
    package let lease: Timestamp?
    /// JSON text of the check or the event.
    package let data: String?
    package let conversation: ConversationID?
    package let message: MessageID?
    package let created: Timestamp
    package let started: Timestamp?
    package let ended: Timestamp?
    package let delivery: Delivery
    /// Of its model calls so far, in millionths of a US dollar.
    package let microdollars: Int64
    package let modelCalls: Int

    init(_ row: Row) throws {
        id = row.id("id")
        task = row.id("task")
        owner = row.id("owner")
        cause = try row.word("cause")
        due = row.time("due")
        attempt = row["attempt"]
        event = row["event"]
        digest = row["digest"]
        state = try row.word("state")
        reason = row["reason"]
        begins = row.time("begins")
        lease = row.optionalTime("lease")
        data = row["data"]
        conversation = row.optionalID("conversation")
        message = row.optionalID("message")
        created = row.time("created")
        started = row.optionalTime("started")
        ended = row.optionalTime("ended")
        delivery = (row["delivery"] as String?).flatMap(Delivery.init) ?? .none
        microdollars = row["microdollars"] ?? 0
        modelCalls = row["model_calls"] ?? 0
    }

    /// The turns of a run are the one that its message opened, and those that answers of people to its questions opened.
    static let turns = """
        WITH RECURSIVE turns (id) AS (
            SELECT r.message UNION
            SELECT m.id FROM turns t JOIN approvals a ON a.turn = t.id AND a.suspended IS NOT NULL
                JOIN messages m ON m.surface = 'approval' AND m.surface_event_id = a.id AND m.author = a.requester)
        """

    /// Those of the run that is the statement's first parameter.
    static let turnsOfOne = turns.replacing("r.message", with: "(SELECT message FROM task_runs WHERE id = ?1)")

    static let query = """
        SELECT r.*,
            (\(turns) SELECT sum(c.microdollars) FROM model_calls c WHERE c.turn IN turns) AS microdollars,
            (\(turns) SELECT count(*) FROM model_calls c WHERE c.turn IN turns) AS model_calls,
            (\(turns) SELECT iif(sum(o.state = 'failed') > 0, 'failed', iif(sum(o.state IN ('pending', 'claimed')) > 0, 'waiting',
                iif(count(*) > 0, 'delivered', NULL)))
                FROM outbox o JOIN messages m ON m.id = o.message WHERE m.in_reply_to IN turns) AS delivery
        FROM task_runs r
        """
}
