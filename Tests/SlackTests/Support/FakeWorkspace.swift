import Conversations
import MCP
import Model
import Slack
import SlackAPI
import Store
import Synchronization

/// A Slack in memory, as far as the way in asks of one.
final class FakeWorkspace: SlackWorkspace {
    struct State {
        var users: [String: JSONObject] = [:]
        var places: [String: SlackPlace] = [:]
        var members: [String: Set<String>] = [:]
        /// By channel, threads' replies among them.
        var messages: [String: [JSONObject]] = [:]
        var files: [String: [UInt8]] = [:]
        var whispers: [String] = []
        /// What the next calls fail with.
        var failures: [SlackError] = []
        /// Who goes out of a channel the moment its members have been told.
        var leavesAfterAsking: [String: String] = [:]
        /// What no file can be had for.
        var fileFailure: SlackError?
        /// How often everybody was asked for, and single people.
        var listings = 0
        var lookUps = 0
        var listsNobody = false
        /// Answers wait as long as this is set.
        var isHeld = false
    }

    static let us = "UBOT"
    let state = Mutex(State())

    init() {
        for (id, name) in [("UANNA", "Anna"), ("UBEN", "Ben"), ("UCLEO", "Cleo")] { add(user: id, name) }
        add(place: "C1", "general")
        add(place: "C2", "random")
        add(place: "D1", "", .direct)
    }

    func add(user id: String, _ name: String, _ more: JSONObject = [:]) {
        var user: JSONObject = [
            "id": .string(id), "team_id": "T1", "name": .string(name.lowercased()),
            "profile": ["display_name": .string(name)],
        ]
        for (key, value) in more { user[key] = value }
        state.withLock { $0.users[id] = user }
    }

    func add(place id: String, _ name: String, _ kind: SlackChannelRecord.Kind = .public) {
        state.withLock {
            $0.places[id] = SlackPlace(id: id, name: name, kind: kind, isMember: true, isArchived: false)
            $0.members[id] = ["UANNA", "UBEN", "UCLEO", Self.us]
        }
    }

    func identity() async throws -> SlackIdentity {
        try await beforeAnswering()
        return try SlackIdentity(
            [
                "ok": true, "url": "https://x.slack.com/", "team": "X", "user": "bot", "team_id": "T1",
                "user_id": .string(Self.us), "bot_id": "BBOT",
            ], scopes: nil)
    }

    func user(_ id: String) async throws -> SlackUser {
        try await beforeAnswering()
        state.withLock { $0.lookUps += 1 }
        guard let json = state.withLock({ $0.users[id] }), let user = SlackUser(.object(json)) else {
            throw SlackError(.notThere, "user_not_found", method: "users.info", "There is no such person in Slack.")
        }
        return user
    }

    func users(limit: Int) async throws -> [SlackUser] {
        try await beforeAnswering()
        return state.withLock { state in
            state.listings += 1
            return state.listsNobody ? [] : state.users.values.compactMap { SlackUser(.object($0)) }
        }
    }

    func place(_ id: String) async throws -> SlackPlace {
        try await beforeAnswering()
        guard let place = state.withLock({ $0.places[id] }) else {
            throw SlackError(.notThere, "channel_not_found", method: "conversations.info", "There is no such channel.")
        }
        return place
    }

    func places() async throws -> [SlackPlace] {
        try await beforeAnswering()
        return state.withLock { $0.places.values.filter(\.isMember).sorted { $0.id < $1.id } }
    }

    func members(of place: String) async throws -> Set<String> {
        try await beforeAnswering()
        return state.withLock { state in
            defer { if let gone = state.leavesAfterAsking[place] { state.members[place]?.remove(gone) } }
            return state.members[place] ?? []
        }
    }

    func history(
        of place: String, after: SlackTimestamp?, before: SlackTimestamp?, limit: Int
    ) async throws -> [JSONValue] {
        try await select(place, after, before, limit) { $0["thread_ts"] == nil || $0["thread_ts"] == $0["ts"] }
    }

    func replies(
        in thread: SlackTimestamp, of place: String, after: SlackTimestamp?, before: SlackTimestamp?, limit: Int
    ) async throws -> [JSONValue] {
        try await select(place, after, before, limit) {
            $0["thread_ts"]?.stringValue == thread.text || $0["ts"]?.stringValue == thread.text
        }
    }

    func content(of file: SlackFile, limit: Int) async throws -> [UInt8] {
        try await beforeAnswering()
        if let failure = state.withLock({ $0.fileFailure }) { throw failure }
        guard let bytes = state.withLock({ $0.files[file.id] }) else {
            throw SlackError(.notThere, "file_not_found", method: "files.download", "There is no such file.")
        }
        return bytes
    }

    func whisper(_ text: String, to user: String, in place: String, thread: SlackTimestamp?) async throws {
        try await beforeAnswering()
        state.withLock { $0.whispers.append("\(user): \(text)") }
    }

    private func select(
        _ place: String, _ after: SlackTimestamp?, _ before: SlackTimestamp?, _ limit: Int,
        _ isWanted: (JSONObject) -> Bool
    ) async throws -> [JSONValue] {
        try await beforeAnswering()
        let found = state.withLock { $0.messages[place] ?? [] }.filter(isWanted).filter { message in
            guard let ts = message["ts"]?.stringValue.flatMap(SlackTimestamp.init) else { return false }
            return (after.map { $0 < ts } ?? true) && (before.map { ts < $0 } ?? true)
        }
        return found.sorted { ($0["ts"]?.stringValue ?? "") < ($1["ts"]?.stringValue ?? "") }.suffix(limit)
            .map(JSONValue.object)
    }

    private func beforeAnswering() async throws {
        while state.withLock({ $0.isHeld }) {
            try Task.checkCancellation()
            await Task.yield()
        }
        let failure = state.withLock { state in state.failures.isEmpty ? nil : state.failures.removeFirst() }
        if let failure { throw failure }
    }
}

/// Full members are people of their own; nobody else is anybody.
final class FakePeople: SlackPeople {
    let database: Database
    /// Accounts that are nobody here, whatever Slack says.
    let refused = Mutex<Set<String>>([])
    let principals = Mutex<[String: PersonID]>([:])
    let changes = Mutex<[SlackAccount]>([])

    init(_ database: Database) { self.database = database }

    func person(of user: SlackAccount) async throws -> PersonID {
        guard !refused.withLock({ $0.contains(user.id) }) else {
            throw ChatError(.forbidden, "I do not know who you are here.")
        }
        return try await database.makePerson(called: user.name, account: user.id, on: "slack").id
    }

    func known(_ account: String) async throws -> PersonID? {
        try await database.account(account, on: "slack")?.person
    }

    func principal(ofBot bot: SlackAccount) async throws -> PersonID? { principals.withLock { $0[bot.id] } }

    func link(_ user: SlackAccount, by code: String) async throws -> String { "linked \(user.id) by \(code)" }

    func changed(_ user: SlackAccount) async throws { changes.withLock { $0.append(user) } }
}
