package import Model
package import SlackAPI

/// Who is who in Slack, asked once in a while: an answer is good for `age`.
package actor SlackDirectory {
    private let workspace: any SlackWorkspace
    private let clock: WallClock
    private let age: Duration
    private var users: [String: (user: SlackAccount, since: Timestamp)] = [:]
    private var ourselves: SlackIdentity?
    /// Users that are remembered at a time.
    private static let capacity = 5000

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

    package func askAnew(_ id: String) async throws -> SlackAccount {
        let user = SlackAccount(try await workspace.user(id), home: try await identity().teamID)
        remember(user)
        return user
    }

    /// What Slack told by itself.
    package func remember(_ user: SlackAccount) {
        if users.count >= Self.capacity, users[user.id] == nil {
            let oldest = users.sorted { $0.value.since < $1.value.since }.prefix(Self.capacity / 10)
            for (id, _) in oldest { users[id] = nil }
        }
        users[user.id] = (user, clock.now())
    }

    /// The name to write for an account; its id where Slack does not tell.
    package func name(of id: String) async -> String {
        (try? await user(id))?.name ?? id
    }
}
