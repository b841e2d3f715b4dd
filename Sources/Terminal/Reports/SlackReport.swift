internal import Glibc
internal import MCP
internal import Settings
internal import SlackAPI

/// `bulkhead slack`.
package enum SlackReport {
    /// Needs no configuration, as an app may be made before there is one; one that is named says whether there are faces.
    package static func manifest(config: String?, name: String, http: String?) async -> Int32 {
        await CommandResult.status {
            let hasFaces = try config.map { try !SlackSetup(config: $0).settings.slack.faces.isEmpty } ?? false
            guard let manifest = SlackManifest(name: name, requestURL: http, hasFaces: hasFaces) else {
                throw TerminalError(
                    .usage, "A name has 1 to 35 characters, and an address for Slack begins with https://.")
            }
            CommandResult.printJSON(manifest.json, pretty: true)
            return 0
        }
    }

    package static func check(config: String?, live channel: String?, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            let check = SlackCheck(setup: try SlackSetup(config: config))
            var findings = await check.findings()
            if let channel { findings += await check.live(channel) }
            let failed = findings.contains { $0.state == .fail }
            if json {
                CommandResult.printJSON(.object(["ok": .bool(!failed), "findings": .array(findings.map(\.json))]))
            } else {
                let width = TerminalDevice.width(of: STDOUT_FILENO) ?? 120
                TerminalDevice.print(findings.flatMap { $0.lines(width: width) }, to: STDOUT_FILENO)
            }
            return failed ? 1 : 0
        }
    }

    /// Tokens from standard input, one a line, or asked for without being shown.
    /// `isHTTP`: the signing secret in place of the app token.
    package static func connect(config: String?, owner: String?, isHTTP: Bool = false) async -> Int32 {
        await CommandResult.status {
            do {
                let connect = SlackConnect(setup: try SlackSetup(config: config))
                let lines = try tokens(isHTTP: isHTTP)
                let given = isHTTP ? try SlackConnect.readSigned(lines) : try SlackConnect.read(lines)
                let said = try await connect.connect(given, owner: owner)
                TerminalDevice.print(said.map(CommandResult.done), to: STDOUT_FILENO)
                return 0
            } catch {
                throw TerminalError(error)
            }
        }
    }

    private static func tokens(isHTTP: Bool) throws(TerminalError) -> [String] {
        guard isatty(STDIN_FILENO) == 1 else {
            return try StandardInput.all().split(whereSeparator: \.isNewline).map(String.init)
        }
        return [
            try HiddenInput.once("Bot token, xoxb-… (not shown): "),
            try HiddenInput.once(isHTTP ? "Signing secret (not shown): " : "App token, xapp-… (not shown): "),
        ]
    }
}
