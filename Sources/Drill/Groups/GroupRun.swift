internal import MCP
internal import Model

/// One group's attempts, in a sandbox of its own.
struct GroupRun: Sendable {
    let group: DrillGroup
    let sandbox: DrillSandbox
    let services: DrillServices
    let person: PersonID

    func attempts() async throws -> [DrillAttempt] {
        switch group {
        case .network: try await network()
        case .container: try await scripted(.container, given: [:])
        case .resources: try await resources()
        case .tenant: try await tenant()
        case .secrets: try await secrets()
        case .model: try await model()
        case .egress: try await egress()
        }
    }

    /// Those a script decides, in one command.
    func scripted(
        _ script: ProbeScript.Name, given: JSONObject, environment: [(String, String)] = []
    ) async throws -> [DrillAttempt] {
        let trials = Catalogue.scripted(group)
        let nonces = Nonces(for: trials)
        var orders = given
        orders["nonces"] = .object(JSONObject(trials.map { ($0.id, .string(nonces[$0])) }))
        orders["folder"] = .string(DrillSandbox.folder)
        let said = try await sandbox.bash(
            ProbeScript.command(script, given: orders, environment: environment), seconds: 60)
        let answers = ProbeAnswers(said.text, nonces: Set(nonces.words.values))
        return trials.map { trial in
            guard let answer = answers[nonces[trial]] else {
                let end = ProbeAnswers.plain(String(said.text.suffix(120)))
                return trial.failed(
                    answers.isContested(nonces[trial]) ? "two answers came" : "no answer came; the end was: \(end)")
            }
            return trial.attempt(refused: answer.wasRefused, control: answer.control, detail: answer.detail)
        }
    }

    /// The ports are the drill's own, and the harness sees who comes.
    private func network() async throws -> [DrillAttempt] {
        let server = try await LoopbackServer.start()
        let answers = await server.answersItself()
        let before = server.seen.connections
        let found: [DrillAttempt]
        do {
            found = try await scripted(
                .network,
                given: ["port": .int(Int64(server.port)), "name": .string("\(Nonces.word()).drill.invalid")])
        } catch {
            await server.close()
            throw error
        }
        let visitors = server.seen.connections - before
        await server.close()
        return found.map { attempt in
            guard attempt.id == "network.host_loopback" else { return attempt }
            var attempt = attempt
            attempt.wasRefused = attempt.wasRefused && visitors == 0
            attempt.control = attempt.control && answers
            attempt.detail += ", \(visitors) came"
            return attempt
        }
    }
}
