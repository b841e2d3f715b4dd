package import Model

import GRDB

/// A file that came with a message, or that an answer brings. The content is a blob.
package struct AttachmentRecord: Sendable, Hashable {
    package let id: AttachmentID
    package let owner: PersonID
    package let conversation: ConversationID?
    package let message: MessageID?
    package let name: String
    package let mime: String
    package let bytes: Int64
    package let digest: String
    package let created: Timestamp

    init(_ row: Row) {
        id = row.id("id")
        owner = row.id("owner")
        conversation = row.optionalID("conversation")
        message = row.optionalID("message")
        name = row["name"]
        mime = row["mime"]
        bytes = row["bytes"]
        digest = row["digest"]
        created = row.time("created")
    }
}

extension Database {
    /// Content first, then the row: a row's content is always there. Bound to a message by `acceptInbound` or
    /// `completeTurn`; until then its owner's alone.
    package func addAttachment(
        name: String, mime: String, bytes: [UInt8], owner: PersonID, conversation: ConversationID? = nil
    ) async throws -> AttachmentRecord {
        do {
            return try await blobs.keeping(bytes) { digest in
                try await self.insertAttachment(digest, name, mime, bytes.count, owner, conversation)
            }
        } catch {
            throw StoreError(error, path: directory)
        }
    }

    private func insertAttachment(
        _ digest: String, _ name: String, _ mime: String, _ count: Int, _ owner: PersonID,
        _ conversation: ConversationID?
    ) async throws -> AttachmentRecord {
        try await write { [self] db in
            let id: AttachmentID = identifiers.make()
            try db.run(
                """
                INSERT INTO attachments (id, owner, conversation, name, mime, bytes, digest, created)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    id.rawValue, owner.rawValue, conversation?.rawValue, Self.fileName(name),
                    mime.storable.cut(to: 100, ending: ""), count, digest, clock.now().milliseconds,
                ])
            guard let row = try db.row("SELECT * FROM attachments WHERE id = ?", [id.rawValue]) else {
                throw StoreError(.failed, "The new attachment is not there.")
            }
            return AttachmentRecord(row)
        }
    }

    package func attachment(_ id: AttachmentID) async throws -> AttachmentRecord? {
        try await read { db in
            try db.row("SELECT * FROM attachments WHERE id = ?", [id.rawValue]).map(AttachmentRecord.init)
        }
    }

    /// The content, checked against its digest.
    package func attachmentBytes(_ id: AttachmentID, limit: Int) async throws -> [UInt8] {
        guard let record = try await attachment(id) else {
            throw StoreError(.notFound, "There is no file \(id).")
        }
        return try await blobs.read(record.digest, limit: limit)
    }

    /// The readers of the conversation whose message carries it; before that, its owner.
    package func mayRead(attachment id: AttachmentID, person: PersonID) async throws -> Bool {
        try await read { db in
            guard let row = try db.row("SELECT * FROM attachments WHERE id = ?", [id.rawValue]) else { return false }
            let record = AttachmentRecord(row)
            guard record.message != nil, let conversation = record.conversation else { return record.owner == person }
            return try Self.mayRead(conversation: conversation, person: person, on: db)
        }
    }

    /// What was given in a conversation, oldest first: the newest 200.
    package func attachments(in conversation: ConversationID) async throws -> [AttachmentRecord] {
        try await read { db in
            try db.rows(
                "SELECT * FROM attachments WHERE conversation = ? ORDER BY created DESC, id DESC LIMIT 200",
                [conversation.rawValue]
            ).reversed().map(AttachmentRecord.init)
        }
    }

    static func attachments(of message: MessageID, on db: Connection) throws -> [AttachmentRecord] {
        try db.rows("SELECT * FROM attachments WHERE message = ? ORDER BY id", [message.rawValue])
            .map(AttachmentRecord.init)
    }

    /// Each attachment goes to one message, of its owner's, in the conversation it was made for.
    static func bind(
        _ attachments: [AttachmentID], to message: MessageID, in conversation: ConversationID, owner: PersonID,
        on db: Connection
    ) throws {
        for id in attachments {
            try db.run(
                """
                UPDATE attachments SET message = ?1, conversation = ?2
                WHERE id = ?3 AND owner = ?4 AND message IS NULL AND (conversation IS NULL OR conversation = ?2)
                """, [message.rawValue, conversation.rawValue, id.rawValue, owner.rawValue])
            guard db.changesCount == 1 else {
                throw StoreError(.forbidden, "The attachment \(id) is not there, not yours, or sent already.")
            }
        }
    }

    /// The last component, without what a file system or a header could misread.
    static func fileName(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let clean = String(
            String.UnicodeScalarView(
                last.unicodeScalars.filter {
                    switch $0.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
                    default: true
                    }
                }))
        return clean.isEmpty || clean == "." || clean == ".." ? "file" : clean.cut(to: 200, ending: "")
    }
}
