package import Model
package import SlackAPI

/// Who is who in Slack, asked once in a while: an answer is good for `age`.
package actor SlackDirectory {
    private let workspace: any SlackWorkspace
    private let clock: WallClock
    private let age: Duration
    private var users: [String: (user: SlackAccount, since: Timestamp)] = [:]
    /// Whom Slack does not tell of: not asked about again at once, however often they show up.
    private var untold: [String: (error: SlackError, since: Timestamp)] = [:]
    private var ourselves: SlackIdentity?
    /// Users that are remembered at a time.
    private static let capacity = 5000
    private static let silence: Duration = .seconds(60)

    package init(_ workspace: any SlackWorkspace, clock: WallClock = .system, age: Duration = .seconds(600)) {
        self.workspace = workspace
        self.clock = clock
        self.age = age
    }

    package func identity() async throws -> SlackIdentity {
        if let ourselves { return ourselves }
        let identity = try await workspace.identity()
        ourselves = identity
        return identity
    }

    package func user(_ id: String) async throws -> SlackAccount {
        if let known = users[id], clock.now() < known.since.advanced(by: age) { return known.user }
        return try await askAnew(id)
    }

    /// Everybody, as far as they are remembered: a few calls, where each by themselves is one.
    package func askAll() async throws {
        let home = try await identity().teamID
        for user in try await workspace.users(limit: Self.capacity) { remember(SlackAccount(user, home: home)) }
    }

    /// As Slack has it now; or told it since `time`.
    package func askAnew(_ id: String, unlessKnownSince time: Timestamp? = nil) async throws -> SlackAccount {
        if let time, let known = users[id], known.since >= time { return known.user }
        if let last = untold[id], clock.now() < last.since.advanced(by: Self.silence) { throw last.error }
        do {
            let user = SlackAccount(try await workspace.user(id), home: try await identity().teamID)
            remember(user)
            return user
        } catch let error as SlackError where error.kind == .notThere {
            if untold.count >= 1000 { untold = [:] }
            untold[id] = (error, clock.now())
            throw error
        }
    }

    /// What Slack told by itself.
    package func remember(_ user: SlackAccount) {
        if users.count >= Self.capacity, users[user.id] == nil {
            let oldest = users.sorted { $0.value.since < $1.value.since }.prefix(Self.capacity / 10)
            for (id, _) in oldest { users[id] = nil }
        }
        users[user.id] = (user, clock.now())
        untold[user.id] = nil
    }

    /// The name to write for an account; its id where Slack does not tell.
    package func name(of id: String) async -> String {
        (try? await user(id))?.name ?? id
    }
}
