internal import Glibc
internal import MCP
internal import SlackAPI

/// `bulkhead slack`.
package enum SlackReport {
    /// Needs no configuration: an app is made before there is one.
    package static func manifest(name: String, http: String?) async -> Int32 {
        await CommandResult.status {
            guard let manifest = SlackManifest(name: name, requestURL: http) else {
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
    package static func connect(config: String?, owner: String?) async -> Int32 {
        await CommandResult.status {
            do {
                let connect = SlackConnect(setup: try SlackSetup(config: config))
                let said = try await connect.connect(try SlackConnect.read(try tokens()), owner: owner)
                TerminalDevice.print(said.map(CommandResult.done), to: STDOUT_FILENO)
                return 0
            } catch {
                throw TerminalError(error)
            }
        }
    }

    private static func tokens() throws(TerminalError) -> [String] {
        guard isatty(STDIN_FILENO) == 1 else {
            return try StandardInput.all().split(whereSeparator: \.isNewline).map(String.init)
        }
        return [
            try HiddenInput.once("Bot token, xoxb-… (not shown): "),
            try HiddenInput.once("App token, xapp-… (not shown): "),
        ]
    }
}
