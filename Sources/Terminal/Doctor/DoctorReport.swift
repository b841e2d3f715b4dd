internal import Glibc
internal import MCP
internal import Settings

/// `bulkhead doctor`: looks at everything the assistant needs, daemon or no daemon.
package enum DoctorReport {
    package static func run(config: String?, socket: String?, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            let findings = await findings(config: config)
            let failed = findings.contains { $0.state == .fail }
            if json {
                CommandResult.printJSON(.object(["ok": .bool(!failed), "findings": .array(findings.map(\.json))]))
            } else {
                let width = TerminalDevice.width(of: STDOUT_FILENO) ?? 120
                TerminalDevice.print(
                    findings.flatMap { $0.lines(width: width) } + [verdict(findings)], to: STDOUT_FILENO)
            }
            return failed ? 1 : 0
        }
    }

    static func findings(config: String?) async -> [Finding] {
        let (settings, configuration) = ConfigurationCheck.run(config)
        let here = settings ?? Settings()
        var findings = [configuration]
        let home = here.file.lastIndex(of: "/").map { String(here.file[..<$0]) }
        findings += await EngineCheck.run(home: home)
        findings += await BrokerCheck.run(here)
        findings += KernelCheck.run()
        findings += DataCheck.run(here, isConfigured: settings != nil)
        findings += KeyCheck.run(here)
        findings += await DaemonCheck.run(here)
        return findings
    }

    private static func verdict(_ findings: [Finding]) -> StyledLine {
        let failed = findings.count { $0.state == .fail }
        let warned = findings.count { $0.state == .warn }
        if failed > 0 { return StyledLine("\(failed) of \(findings.count) checks fail.", [.bold, .red]) }
        if warned > 0 { return StyledLine("Works, with \(warned) warning\(warned == 1 ? "" : "s").", .yellow) }
        return StyledLine("All \(findings.count) checks are fine.", .green)
    }
}
