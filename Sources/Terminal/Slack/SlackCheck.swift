internal import MCP
internal import Settings
internal import SlackAPI

/// What `bulkhead slack check` looks at: both tokens, the scopes, and what is lost without those that are missing.
struct SlackCheck: Sendable {
    let setup: SlackSetup

    func findings() async -> [Finding] {
        await bot() + (setup.isHTTP ? [signing()] : await app()) + named()
    }

    private func bot() async -> [Finding] {
        do {
            return try await setup.with({ () throws(SlackError) in try setup.botFile.token(.bot) }) { client in
                let identity = try await client.authTest()
                let place = "\(identity.teamName) (\(identity.url)) as \(identity.userName ?? "?")"
                var findings = [Finding(.ok, "bot token", "good for \(place)")]
                if identity.isEnterpriseInstall {
                    findings.append(
                        Finding(
                            .fail, "workspace", "the app is installed for a whole organisation, which is not supported",
                            advice: "Install it into one workspace."))
                }
                return findings + Self.scopes(identity.scopes, hasFaces: !setup.settings.slack.faces.isEmpty)
            }
        } catch {
            return [Self.failed("bot token", error)]
        }
    }

    static func scopes(_ granted: Set<String>?, hasFaces: Bool = false) -> [Finding] {
        guard let granted else {
            return [Finding(.warn, "scopes", "Slack does not say which scopes the token has")]
        }
        let report = ScopeReport(granted: granted, hasFaces: hasFaces)
        func finding(_ state: Finding.State, _ gap: ScopeReport.Gap) -> Finding {
            Finding(
                state, gap.feature.name, "missing: \(gap.missing.joined(separator: ", ")). \(gap.feature.without)",
                advice: "Add it under OAuth & Permissions, and install the app again.")
        }
        var findings = report.required.map { finding(.fail, $0) } + report.optional.map { finding(.warn, $0) }
        if findings.isEmpty {
            findings.append(Finding(.ok, "scopes", "all that is used, \(SlackFeature.scopes.count)"))
        }
        if !report.unneeded.isEmpty {
            findings.append(
                Finding(
                    .warn, "scopes", "granted and not used: \(report.unneeded.joined(separator: ", "))",
                    advice: "Take them away: what the token may not do, nobody can have it do."))
        }
        return findings
    }

    private func app() async -> [Finding] {
        do {
            return try await setup.with({ () throws(SlackError) in try setup.appFile.token(.app) }) { client in
                try await client.call(.connectionsOpen)
                return [Finding(.ok, "app token", "Socket Mode is on, and a connection can be opened")]
            }
        } catch {
            return [Self.failed("app token", error)]
        }
    }

    /// Whether it is the app's, only a request of Slack's shows.
    private func signing() -> Finding {
        do {
            guard let secret = try setup.signingFile.read(), secret.utf8.count >= 16 else {
                return Finding(
                    .fail, "signing secret", "there is none in \(setup.signingFile.path)",
                    advice: "Run `bulkhead slack connect --http`.")
            }
            return Finding(
                .ok, "signing secret", "there; requests of Slack's are taken at \(setup.settings.slack.eventsListen)")
        } catch {
            return Finding(.fail, "signing secret", error.description)
        }
    }

    /// Tokens alone connect nothing: the settings have to name them.
    private func named() -> [Finding] {
        if setup.isHTTP { return setup.isNamedForHTTP ? [] : [Finding(.warn, "settings", setup.adviceForHTTP)] }
        return setup.isNamed ? [] : [Finding(.warn, "settings", setup.advice)]
    }

    private static func failed(_ subject: String, _ error: any Error) -> Finding {
        let message = (error as? SlackError)?.message ?? TerminalError(error).message
        return Finding(.fail, subject, message)
    }

    // MARK: --live

    /// Posts, changes, streams, uploads and deletes in a channel. Whatever was posted is deleted, also where a step fails.
    func live(_ channel: String) async -> [Finding] {
        do {
            return try await setup.with({ () throws(SlackError) in try setup.botFile.token(.bot) }) { client in
                let identity = try await client.authTest()
                var posted: SlackPosted?
                var findings: [Finding] = []
                await Self.step("posting", &findings) {
                    posted = try await client.post(
                        SlackPost(channel: channel, text: "A test by `bulkhead slack check`. It goes away at once."))
                    return "posts in \(channel)"
                }
                guard let posted else { return findings }
                await Self.step("changing", &findings) {
                    try await client.update(posted, text: "A test by `bulkhead slack check`, changed.")
                    return "changes what it posted"
                }
                await Self.step("reactions", optional: true, &findings) {
                    try await client.react("eyes", to: posted)
                    return "sets reactions"
                }
                await Self.stream(client, identity, posted, &findings)
                await Self.step("files", optional: true, &findings) {
                    let files = try await client.upload(
                        [SlackUpload(name: "bulkhead-check.txt", bytes: Array("A test.\n".utf8))],
                        channel: posted.channel,
                        thread: posted.ts)
                    guard let file = files.first else { return "hands out files" }
                    let bytes = try await client.download(try await client.fileInfo(file.id), mostBytes: 1 << 16)
                    try await client.deleteFile(file.id)
                    return "hands out files and reads them (\(bytes.count) bytes)"
                }
                await Self.step("deleting", &findings) {
                    for reply in try await client.replies(posted.channel, thread: posted.ts).all()
                    where reply.isReply && reply.botID == identity.botID {
                        try await client.delete(SlackPosted(channel: posted.channel, ts: reply.ts))
                    }
                    try await client.delete(posted)
                    return "deletes what it posted"
                }
                return findings
            }
        } catch {
            return [Self.failed("live", error)]
        }
    }

    private static func stream(
        _ client: SlackClient, _ identity: SlackIdentity, _ posted: SlackPosted, _ findings: inout [Finding]
    ) async {
        do {
            // Somebody has to watch; the app's own user does for a test.
            let recipient = identity.userID.map { SlackRecipient(user: $0, team: identity.teamID) }
            let stream = try await client.startStream(
                channel: posted.channel, thread: posted.ts, recipient: recipient, markdown: "One, ")
            try await client.appendStream(stream, markdown: "two, ")
            try await client.stopStream(stream, markdown: "three.")
            findings.append(Finding(.ok, "streaming", "answers can be watched being written"))
        } catch let error as SlackError where error.code == "unknown_method" {
            findings.append(
                Finding(.warn, "streaming", "not in this workspace: answers are shown by changing a message instead"))
        } catch {
            findings.append(Finding(.warn, "streaming", (error as? SlackError)?.message ?? "failed"))
        }
    }

    private static func step(
        _ subject: String, optional: Bool = false, _ findings: inout [Finding], _ body: () async throws -> String
    ) async {
        do {
            findings.append(Finding(.ok, subject, try await body()))
        } catch {
            var finding = failed(subject, error)
            if optional { finding.state = .warn }
            findings.append(finding)
        }
    }
}
