package import Model

import GRDB

/// What a task is to do, when, and within which bounds: what its owner may change.
package struct TaskContent: Sendable, Hashable {
    package enum Context: String, Sendable, Codable, CaseIterable {
        /// Each run is a conversation of its own, and knows of no other.
        case isolated
        /// Every run is a turn of one conversation.
        case thread
    }

    /// What becomes of a run whose daemon ended in the middle of it.
    package enum OnCrash: String, Sendable, Codable, CaseIterable {
        /// It is taken up again, where it had done nothing yet; else it has failed.
        case resume
        case fail
    }

    package var name: String
    package var prompt: String
    /// JSON, as the module Schedules writes it.
    package var schedule: String
    /// SHA-256, in hexadecimal, of all that what was allowed for this task depends on.
    package var digest: String
    /// Where it reports to.
    package var channel: ChannelID
    package var context: Context
    /// With `thread`: the conversation.
    package var conversation: ConversationID?
    package var mode: Mode
    package var tier: String
    package var misfire: String
    /// JSON.
    package var backoff: String
    package var onCrash: OnCrash
    /// Of a run, from its beginning.
    package var deadline: Duration
    /// Runs begin up to so much later than they are due.
    package var jitter: Duration
    /// A script that says whether there is anything to do.
    package var check: String?
    /// JSON: the check's data is a snapshot, of which only what changed counts.
    package var monitor: String?
    /// Millionths of a US dollar a run.
    package var budget: Int64?

    package init(
        name: String, prompt: String, schedule: String, digest: String, channel: ChannelID,
        context: Context = .isolated, conversation: ConversationID? = nil, mode: Mode = .auto, tier: String = "fast",
        misfire: String = "runOnce", backoff: String = "{}", onCrash: OnCrash = .resume,
        deadline: Duration = .seconds(30 * 60), jitter: Duration = .zero, check: String? = nil,
        monitor: String? = nil, budget: Int64? = nil
    ) {
        self.name = name
        self.prompt = prompt
        self.schedule = schedule
        self.digest = digest
        self.channel = channel
        self.context = context
        self.conversation = conversation
        self.mode = mode
        self.tier = tier
        self.misfire = misfire
        self.backoff = backoff
        self.onCrash = onCrash
        self.deadline = deadline
        self.jitter = jitter
        self.check = check
        self.monitor = monitor
        self.budget = budget
    }
}

package struct TaskRecord: Sendable, Hashable {
    package enum State: String, Sendable, Codable, CaseIterable {
        case active, paused
        /// For good; kept for its history.
        case ended
    }

    package let id: TaskID
    package let owner: PersonID
    package let ownerName: String
    package let content: TaskContent
    package let channelName: String
    /// The owner's when it was made: it never does more than that.
    package let role: Role
    /// What whoever made it had touched.
    package let labels: Labels
    /// `person`, `agent`, or `skill:NAME`.
    package let origin: String
    /// Its prompt is not the owner's own words.
    package let isRelayed: Bool
    /// The admin who lets it run without asking anybody.
    package let unattendedBy: PersonID?
    /// How often its webhook was given another key.
    package let webhookVersion: Int
    /// Of a monitor: what its owner was told last, as JSON, and when.
    package let snapshot: String?
    package let spoke: Timestamp?
    /// Where its checks run.
    package let workshop: ConversationID?
    package let state: State
    /// Why it is paused or has ended, in words.
    package let reason: String?
    /// The latest due time that was dealt with.
    package let lastDue: Timestamp
    package let nextRun: Timestamp?
    /// In a row.
    package let failures: Int
    /// Counts its changes.
    package let revision: Int
    package let created: Timestamp
    package let updated: Timestamp

    init(_ row: Row) throws {
        id = row.id("id")
        owner = row.id("owner")
        ownerName = row["owner_name"]
        content = TaskContent(
            name: row["name"], prompt: row["prompt"], schedule: row["schedule"], digest: row["digest"],
            channel: row.id("channel"), context: try row.word("context"), conversation: row.optionalID("conversation"),
            mode: try row.word("mode"), tier: row["tier"], misfire: row["misfire"], backoff: row["backoff"],
            onCrash: try row.word("on_crash"), deadline: .milliseconds(row["deadline"] as Int64),
            jitter: .milliseconds(row["jitter"] as Int64), check: row["pre_check"], monitor: row["monitor"],
            budget: row["budget"])
        channelName = row["channel_name"]
        role = try row.word("role")
        labels = Labels(rawValue: row["labels"])
        origin = row["origin"]
        isRelayed = row["is_relayed"]
        unattendedBy = row.optionalID("unattended_by")
        webhookVersion = row["webhook_version"]
        snapshot = row["snapshot"]
        spoke = row.optionalTime("spoke")
        workshop = row.optionalID("workshop")
        state = try row.word("state")
        reason = row["reason"]
        lastDue = row.time("last_due")
        nextRun = row.optionalTime("next_run")
        failures = row["failures"]
        revision = row["revision"]
        created = row.time("created")
        updated = row.time("updated")
    }

    static let query = """
        SELECT t.*, p.name AS owner_name, c.name AS channel_name FROM tasks t
            JOIN people p ON p.id = t.owner JOIN channels c ON c.id = t.channel
        """
}

package struct TaskDraft: Sendable {
    package var content: TaskContent
    package var owner: PersonID
    package var role: Role
    package var labels: Labels
    package var origin: String
    package var isRelayed: Bool
    package var unattendedBy: PersonID?
    package var nextRun: Timestamp?

    package init(
        _ content: TaskContent, owner: PersonID, role: Role, labels: Labels = [], origin: String = "person",
        isRelayed: Bool = false, unattendedBy: PersonID? = nil, nextRun: Timestamp?
    ) {
        self.content = content
        self.owner = owner
        self.role = role
        self.labels = labels
        self.origin = origin
        self.isRelayed = isRelayed
        self.unattendedBy = unattendedBy
        self.nextRun = nextRun
    }
}
