internal import GRDB
package import Model

extension Database {
    /// A line of the harness to one person, in a conversation of its own in their direct channel. `nil` for whoever has
    /// none.
    package func addNotice(to person: PersonID, title: String, text: String) async throws -> MessageRecord? {
        try await write { [self] db in try addNotice(to: person, title: title, text: text, on: db) }
    }

    /// It reaches the person in Slack too, where they have an account there.
    func addNotice(to person: PersonID, title: String, text: String, on db: Connection) throws -> MessageRecord? {
        guard let channel = try db.row("SELECT id FROM channels WHERE kind = 'dm' AND owner = ?", [person.rawValue])
        else { return nil }
        let dm: String = channel["id"]
        let earlier = try db.row(
            "SELECT id FROM conversations WHERE channel = ? AND title = ? ORDER BY created LIMIT 1", [dm, title])
        let place: ConversationID
        if let earlier {
            place = ConversationID(trusted: earlier["id"])
        } else {
            place = identifiers.make()
            let now = clock.now().milliseconds
            try db.run(
                "INSERT INTO conversations (id, channel, title, mode, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
                [place.rawValue, dm, title, Mode.auto.rawValue, now, now])
        }
        try setDirectHome(of: place, person: person, on: HomeRecord.slack, db)
        return try insertEntry(.notice, text: text, inReplyTo: nil, session: nil, conversation: place, on: db)
    }
}
