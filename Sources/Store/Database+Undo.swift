package import Model

import GRDB

/// What a call replaced: how to put it back.
package struct UndoRecord: Sendable, Hashable {
    package let call: CallID
    package let conversation: ConversationID
    package let requester: PersonID
    package let session: SessionID
    package let tool: String
    package let path: String
    /// `thread/01…`: where the file lies, by what it is.
    package let volume: String
    /// Digest of what stood there, which is a blob; `nil`: there was no such file.
    package let before: String?
    /// Digest of what the call left; `nil`: it removed the file.
    package let after: String?
    /// Of the blob.
    package let bytes: Int64
    /// Why it cannot be undone, where it cannot.
    package let obstacle: String?
    /// The call that this one undid.
    package let undoes: CallID?
    package var undoneBy: CallID?
    package let created: Timestamp

    init(_ row: Row) {
        call = row.id("call")
        conversation = row.id("conversation")
        requester = row.id("requester")
        session = row.id("session")
        tool = row["tool"]
        path = row["path"]
        volume = row["volume"]
        before = row["before"]
        after = row["after"]
        bytes = row["bytes"]
        obstacle = row["obstacle"]
        undoes = row.optionalID("undoes")
        undoneBy = row.optionalID("undone_by")
        created = row.time("created")
    }
}

package struct UndoDraft: Sendable {
    package var call: CallID
    package var conversation: ConversationID
    package var requester: PersonID
    package var session: SessionID
    package var tool: String
    package var path: String
    package var volume: String
    /// What stands there now; `nil`: nothing does.
    package var content: [UInt8]?
    package var after: String?
    package var obstacle: String?
    package var undoes: CallID?

    package init(
        call: CallID, conversation: ConversationID, requester: PersonID, session: SessionID, tool: String,
        path: String, volume: String, content: [UInt8]?, after: String?, obstacle: String? = nil,
        undoes: CallID? = nil
    ) {
        self.call = call
        self.conversation = conversation
        self.requester = requester
        self.session = session
        self.tool = tool
        self.path = path
        self.volume = volume
        self.content = content
        self.after = after
        self.obstacle = obstacle
        self.undoes = undoes
    }
}

/// How much of what was replaced is kept, and for how long.
package struct UndoLimits: Sendable {
    /// Of one file; what is larger cannot be undone.
    package var fileBytes = 8 << 20
    package var conversationBytes: Int64 = 64 << 20
    package var totalBytes: Int64 = 1 << 30
    package var keep = Duration.seconds(30 * 24 * 3600)

    package init() {}
}

extension Database {
    /// Durable, content and row, when it returns. What is over the limits then goes, the oldest first.
    package func recordUndo(_ draft: UndoDraft, limits: UndoLimits) async throws {
        guard let content = draft.content else {
            try await insert(draft, before: nil)
            return try await trimUndo(limits)
        }
        try await blobs.keeping(content) { digest in try await self.insert(draft, before: digest) }
        try await trimUndo(limits)
    }

    package func undoRecord(_ call: CallID) async throws -> UndoRecord? {
        try await read { db in
            try db.row("SELECT * FROM undo WHERE call = ?", [call.rawValue]).map(UndoRecord.init)
        }
    }

    /// What the call replaced; `nil`: there was no such file. Throws where it is not kept any more.
    package func undoContent(_ record: UndoRecord, limits: UndoLimits) async throws -> [UInt8]? {
        guard let before = record.before else { return nil }
        return try await blobs.read(before, limit: limits.fileBytes)
    }

    /// The call did nothing after all.
    package func dropUndo(_ call: CallID) async throws {
        guard let record = try await undoRecord(call) else { return }
        try await remove([record])
    }

    /// `call` is undone by `by`. What `call` itself had undone, where it did, holds again; what that had undone is undone
    /// again; and so on.
    package func markUndone(_ call: CallID, by: CallID) async throws {
        try await write { db in
            try db.run("UPDATE undo SET undone_by = ? WHERE call = ?", [by.rawValue, call.rawValue])
            var holds = false
            var row = try db.row("SELECT * FROM undo WHERE call = ?", [call.rawValue])
            while let record = row.map(UndoRecord.init), let undone = record.undoes {
                try db.run(
                    "UPDATE undo SET undone_by = ? WHERE call = ?",
                    [holds ? record.call.rawValue : nil, undone.rawValue])
                holds.toggle()
                row = try db.row("SELECT * FROM undo WHERE call = ?", [undone.rawValue])
            }
        }
    }

    /// Removes what is older or more than the limits allow, with its content where nothing else holds that.
    package func trimUndo(_ limits: UndoLimits) async throws {
        let old = clock.now().advanced(by: .zero - limits.keep).milliseconds
        // The answer nearly always, and cheap.
        let isInOrder = try await read { db in
            try !db.exists(
                """
                SELECT 1 WHERE EXISTS (SELECT 1 FROM undo WHERE created < ?1)
                    OR (SELECT COALESCE(SUM(bytes), 0) FROM undo) > ?2
                    OR EXISTS (SELECT 1 FROM undo GROUP BY conversation HAVING SUM(bytes) > ?3)
                """, [old, limits.totalBytes, limits.conversationBytes])
        }
        guard !isInOrder else { return }
        let condemned = try await read { db in
            try db.rows(
                """
                SELECT * FROM undo WHERE created < ?1
                UNION SELECT * FROM (
                    SELECT * FROM undo WHERE call IN (
                        SELECT call FROM (
                            SELECT call, SUM(bytes) OVER (ORDER BY created DESC, call DESC) AS total FROM undo)
                        WHERE total > ?2)
                    UNION SELECT * FROM undo WHERE call IN (
                        SELECT call FROM (
                            SELECT call, SUM(bytes) OVER (
                                PARTITION BY conversation ORDER BY created DESC, call DESC) AS total FROM undo)
                        WHERE total > ?3))
                """, [old, limits.totalBytes, limits.conversationBytes]
            ).map(UndoRecord.init)
        }
        if !condemned.isEmpty { try await remove(condemned) }
    }

    /// Content first: a row without its content is found and removed again, content without a row never.
    private func remove(_ records: [UndoRecord]) async throws {
        let calls = Set(records.map(\.call.rawValue))
        for digest in Set(records.compactMap(\.before)) {
            try await blobs.remove(digest) {
                try await self.read { db in
                    let isAttached = try db.exists("SELECT 1 FROM attachments WHERE digest = ?", [digest])
                    return try isAttached
                        || db.rows("SELECT call FROM undo WHERE before = ?", [digest])
                            .contains { !calls.contains($0["call"]) }
                }
            }
        }
        try await write { db in
            for call in calls { try db.run("DELETE FROM undo WHERE call = ?", [call]) }
        }
    }

    private func insert(_ draft: UndoDraft, before: String?) async throws {
        try await write { [self] db in
            try db.run(
                """
                INSERT INTO undo
                    (call, conversation, requester, session, tool, path, volume, before, after, bytes, obstacle, undoes,
                     created)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    draft.call.rawValue, draft.conversation.rawValue, draft.requester.rawValue, draft.session.rawValue,
                    draft.tool, draft.path.storable, draft.volume, before, draft.after, draft.content?.count ?? 0,
                    draft.obstacle, draft.undoes?.rawValue, clock.now().milliseconds,
                ])
        }
    }
}
