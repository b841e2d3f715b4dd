package import Model

import Foundation
import GRDB

/// A secret's row. What is sealed in it nobody here can open.
package struct SecretRecord: Sendable, Hashable {
    package enum Scope: String, Sendable { case person, channel, company }

    package var id: SecretID
    package var name: String
    package var scope: Scope
    package var person: PersonID?
    package var channel: ChannelID?
    /// Who keeps the value.
    package var backend: String
    package var version: Int64
    package var wrappedKey: [UInt8]?
    package var sealed: [UInt8]?
    /// JSON text.
    package var binding: String
    package var created: Timestamp
    package var createdBy: PersonID
    package var changed: Timestamp
    package var changedBy: PersonID
    package var lastUsed: Timestamp?
    package var uses: Int64

    package init(
        id: SecretID, name: String, scope: Scope, person: PersonID?, channel: ChannelID?, backend: String,
        version: Int64, wrappedKey: [UInt8]?, sealed: [UInt8]?, binding: String, by author: PersonID, at time: Timestamp
    ) {
        self.id = id
        self.name = name
        self.scope = scope
        self.person = person
        self.channel = channel
        self.backend = backend
        self.version = version
        self.wrappedKey = wrappedKey
        self.sealed = sealed
        self.binding = binding
        (created, createdBy, changed, changedBy) = (time, author, time, author)
        uses = 0
    }

    init(_ row: Row) throws {
        id = row.id("id")
        name = row["name"]
        scope = try row.word("scope")
        person = row.optionalID("person")
        channel = row.optionalID("channel")
        backend = row["backend"]
        version = row["version"]
        wrappedKey = (row["wrapped_key"] as Data?).map(Array.init)
        sealed = (row["sealed"] as Data?).map(Array.init)
        binding = row["binding"]
        created = row.time("created")
        createdBy = row.id("created_by")
        changed = row.time("changed")
        changedBy = row.id("changed_by")
        lastUsed = row.optionalTime("last_used")
        uses = row["uses"]
    }
}

/// A secret as one requester may use it in one channel.
package struct VisibleSecret: Sendable, Hashable {
    package let record: SecretRecord
    /// To the requester or the channel: without an admin's word each time.
    package let isGranted: Bool
    /// The lower, the sooner its name means this one: own, channel's, company's, granted.
    package let rank: Int

    init(_ row: Row) throws {
        record = try SecretRecord(row)
        isGranted = row["is_granted"]
        rank = row["rank"]
    }
}

package struct SecretGrantRecord: Sendable, Hashable {
    package let secret: SecretID
    package let person: PersonID?
    package let channel: ChannelID?
    package let givenBy: PersonID
    package let created: Timestamp
    /// By somebody who could use the secret without a word because of it.
    package let lastUsed: Timestamp?

    init(_ row: Row) {
        secret = row.id("secret")
        person = row.optionalID("person")
        channel = row.optionalID("channel")
        givenBy = row.id("given_by")
        created = row.time("created")
        lastUsed = row.optionalTime("last_used")
    }
}

/// Whom a secret is granted to.
package enum SecretGrantee: Hashable, Sendable {
    case person(PersonID)
    case channel(ChannelID)
}
