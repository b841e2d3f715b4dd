internal import Glibc
internal import Hardening
internal import MCP
internal import Markdown
internal import Model
internal import Settings

/// `bulkhead doctor --security`: the running host beside the hardening that was accepted.
package enum SecurityReport {
    package struct Options: Sendable {
        package var config: String?
        package var socket: String?
        /// The broker's configuration where it does not lie beside the daemon's.
        package var broker: String?
        package var accept = false
        package var json = false

        package init(config: String?, socket: String?, broker: String?, accept: Bool, json: Bool) {
            self.config = config
            self.socket = socket
            self.broker = broker
            self.accept = accept
            self.json = json
        }
    }

    /// Exit status 0 where everything is as accepted, 1 where something is not, and where nothing was accepted yet.
    package static func run(_ options: Options) async -> Int32 {
        await CommandResult.status(json: options.json) {
            guard geteuid() == 0 else {
                throw TerminalError(
                    .usage, "doctor --security looks at what only root may see. Run `sudo bulkhead doctor --security`.")
            }
            let settings: Settings
            do {
                settings = try Settings.load(path: real(try DaemonLocation.configuration(options.config)))
            } catch {
                throw TerminalError(.usage, "\(error)")
            }
            let home = settings.file.lastIndex(of: "/").map { String(settings.file[..<$0]) } ?? "."
            let path = home + "/" + Baseline.name
            var survey = await Survey.take(
                settings: settings, brokerFile: options.broker ?? brokerFile(settings, home), program: programFolder())
            await DaemonGrants.add(to: &survey, socket: options.socket ?? settings.consoleSocket)
            if options.accept {
                return try await accept(survey, path, options.socket ?? settings.consoleSocket, options.json)
            }
            let (baseline, findings) = compared(survey, path)
            show(findings, baseline, json: options.json)
            return findings.contains { $0.state == .fail } ? 1 : 0
        }
    }

    /// One file by one name: facts are kept by it.
    private static func real(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func brokerFile(_ settings: Settings, _ home: String) -> String {
        settings.broker.inProcess ? settings.broker.file : home + "/broker.json"
    }

    /// Where this program lies: the others are beside it.
    private static func programFolder() -> String? {
        var target = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &target, target.count - 1)
        guard length > 0 else { return nil }
        let path = String(decoding: target[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }

    private static func compared(_ survey: Survey, _ path: String) -> (Baseline?, [Drift]) {
        var findings = survey.findings
        do {
            guard let baseline = try Baseline.load(path) else {
                findings.append(
                    Drift(
                        .fail, "baseline", "none was accepted: there is nothing to compare with",
                        expected: path, found: "missing",
                        advice: "Read the lines above, then `sudo bulkhead doctor --security --accept`."))
                return (nil, findings)
            }
            findings += Comparison.drift(from: baseline, to: survey.facts)
            return (baseline, findings)
        } catch {
            findings.append(
                Drift(
                    .fail, "baseline", error.description,
                    advice: "`rm \(path)` once you know how it came to this, then `--accept` anew."))
            return (nil, findings)
        }
    }

    // MARK: Accepting

    /// On record first: a baseline nobody can find in the audit is none.
    private static func accept(_ survey: Survey, _ path: String, _ socket: String, _ json: Bool) async throws -> Int32 {
        let before: Baseline?
        do { before = try Baseline.load(path) } catch {
            throw TerminalError(.file, error.description)
        }
        let baseline = Baseline(
            accepted: WallClock.system.now(), by: caller(), facts: survey.facts)
        let changes = before.map { Comparison.drift(from: $0, to: survey.facts).filter { $0.state == .fail } } ?? []
        try await APIClient.with(socketPath: socket) { client in
            try await client.recordSecurityBaseline(
                digest: baseline.digest, isFirst: before == nil,
                changes: changes.map { "\($0.subject) \($0.fact): \($0.found ?? "")" })
        }
        do { try baseline.write(path) } catch {
            throw TerminalError(.file, error.description)
        }
        if json {
            CommandResult.printJSON(
                .object([
                    "accepted": true, "baseline": .string(path), "digest": .string(baseline.digest),
                    "changes": .array(changes.map { .object($0.json) }),
                ]))
        } else {
            let width = TerminalDevice.width(of: STDOUT_FILENO) ?? 120
            let lines = (changes + survey.findings.filter { $0.state == .fail }).map(finding)
                .flatMap { $0.lines(width: width) }
            TerminalDevice.print(
                lines + [CommandResult.done("Accepted as it is, on record, in \(path).")], to: STDOUT_FILENO)
        }
        // What is wrong whatever was accepted stays wrong.
        return survey.findings.contains { $0.state == .fail } ? 1 : 0
    }

    /// Root, and who became it.
    private static func caller() -> String {
        guard let name = TerminalDevice.environment("SUDO_USER"), !name.isEmpty, name != "root" else { return "root" }
        return "root (as \(VisibleText.line(String(name.prefix(64)))) through sudo)"
    }

    // MARK: Showing

    private static func finding(_ drift: Drift) -> Finding {
        let state: Finding.State =
            switch drift.state {
            case .ok: .ok
            case .warn: .warn
            case .fail: .fail
            }
        var fact = drift.fact
        if let expected = drift.expected, let found = drift.found { fact += " (expected \(expected), found \(found))" }
        if let since = drift.since { fact += ", since \(since)" }
        return Finding(
            state, VisibleText.line(drift.subject), VisibleText.line(fact), advice: VisibleText.line(drift.advice))
    }

    private static func show(_ findings: [Drift], _ baseline: Baseline?, json: Bool) {
        let failed = findings.count { $0.state == .fail }
        guard !json else {
            CommandResult.printJSON(
                .object([
                    "ok": .bool(failed == 0),
                    "baseline": baseline.map {
                        .object(["accepted": .string($0.accepted.rfc3339), "by": .string($0.by)])
                    } ?? .null,
                    "findings": .array(findings.map { .object($0.json) }),
                ]))
            return
        }
        let width = TerminalDevice.width(of: STDOUT_FILENO) ?? 120
        var verdict = StyledLine("As accepted", .green)
        if failed > 0 { verdict = StyledLine("\(failed) finding\(failed == 1 ? "" : "s") to act on", [.bold, .red]) }
        if let baseline {
            verdict = verdict + StyledLine(" (baseline of \(baseline.accepted.rfc3339) by \(baseline.by))", .dim)
        }
        TerminalDevice.print(
            findings.map(finding).flatMap { $0.lines(width: width) } + [verdict], to: STDOUT_FILENO)
    }
}
