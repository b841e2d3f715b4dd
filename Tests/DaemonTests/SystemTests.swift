import Testing

/// The whole system: processes, containers, sockets; driven as a person drives it. One test at a time.
@Suite(.serialized, .timeLimit(.minutes(5))) enum SystemTests {}

/// Runs `body` with an installation of its own, started unless told otherwise. What fails is recorded with both logs;
/// whatever happens, nothing may be left behind.
func withInstallation(
    settings: String = "", key: String? = nil, policy: String? = nil, dataMegabytes: Int? = nil,
    volumesMegabytes: Int? = nil,
    engine: (socket: String, images: (agent: String, workspace: String))? = nil, isStarted: Bool = true,
    _ body: (Installation) async throws -> Void
) async throws {
    let installation = try await Installation(
        settings: settings, key: key, policy: policy, dataMegabytes: dataMegabytes,
        volumesMegabytes: volumesMegabytes, engine: engine)
    do {
        if isStarted { try await installation.start() }
        try await body(installation)
    } catch {
        Issue.record(
            "\(error)\n--- daemon:\n\(installation.daemon?.errors.suffix(4000) ?? "")\n--- broker:\n\(installation.broker?.errors.suffix(4000) ?? "")"
        )
    }
    let left = try await installation.remove()
    #expect(left.isEmpty, "left behind: \(left)")
}

/// Waits for something another process does.
func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw Installation.Failure(description: "waited in vain: \(what)") }
        try await Task.sleep(for: .milliseconds(50))
    }
}
