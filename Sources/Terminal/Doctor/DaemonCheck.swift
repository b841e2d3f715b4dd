internal import Glibc
internal import MCP
internal import Markdown
internal import Settings

/// The daemon itself: its socket, and what listens on its port.
enum DaemonCheck {
    static func run(_ settings: Settings) async -> [Finding] {
        let path = settings.consoleSocket
        if let failure = SocketProbe.failure(at: path) {
            switch failure.code {
            case .daemonNotRunning:
                return [
                    Finding(.warn, "daemon", "does not run", advice: "Start it: `make run`, or `bulkhead serve`."),
                    port(settings),
                ]
            default:
                return [Finding(.fail, "daemon", failure.message)]
            }
        }
        do {
            let findings = try await APIClient.with(socketPath: path, patience: .seconds(5)) { client in
                let account = try await client.account()
                let runs = "runs; you are \(account.name) (\(account.role)); model: \(account.model)"
                return [Finding(.ok, "daemon", runs)] + (try await brake(client)) + (try await slack(client))
            }
            return findings + (await witnesses(path))
        } catch let error as TerminalError {
            let isStranger = error.code == .refused
            return [
                Finding(
                    isStranger ? .warn : .fail, "daemon", "runs, but: " + error.message,
                    advice: isStranger ? "Add your user under `people` in the configuration." : "Its log says more.")
            ]
        } catch {
            return [Finding(.fail, "daemon", "was interrupted while it answered")]
        }
    }

    /// What is paused; nothing where that is not this person's to know.
    private static func brake(_ client: APIClient) async throws -> [Finding] {
        let answer: JSONValue
        do { answer = try await client.pauses() } catch let error as TerminalError where error.code == .refused {
            return []
        }
        let scopes =
            answer["pauses"]?.arrayValue?.map {
                PauseReport.inWords($0["scope"]?.stringValue ?? "", $0["name"]?.stringValue)
            } ?? []
        guard !scopes.isEmpty else { return [Finding(.ok, "brake", "nothing is paused")] }
        return [
            Finding(
                .warn, "brake", "paused: " + VisibleText.line(scopes.joined(separator: ", ")),
                advice: "`bulkhead pause` says by whom and why; `bulkhead resume` lets go.")
        ]
    }

    /// Whether messages arrive from Slack, where it is configured, and are worked off.
    private static func slack(_ client: APIClient) async throws -> [Finding] {
        let answer: JSONValue
        do { answer = try await client.slack() } catch let error as TerminalError where error.code == .refused {
            return []
        }
        return findings(ofSlack: answer)
    }

    package static func findings(ofSlack answer: JSONValue) -> [Finding] {
        guard let state = answer["state"]?.stringValue, state != "off" else { return [] }
        let waiting = answer["waiting"]?.intValue ?? 0
        var findings: [Finding] = []
        if state == "connected" || state == "listening" {
            let rest = waiting > 0 ? "; \(waiting) events wait" : ""
            findings.append(Finding(.ok, "slack", "\(state)\(rest)"))
        } else {
            let problem = answer["problem"]?.stringValue.map { ": " + VisibleText.line($0) } ?? ""
            findings.append(
                Finding(
                    state == "refused" ? .fail : .warn, "slack", "\(VisibleText.line(state))\(problem)",
                    advice: "What is to be said there waits. The daemon's log says more."))
        }
        let aside = answer["set_aside"]?.arrayValue ?? []
        if let last = aside.first {
            let error = VisibleText.line(last["error"]?.stringValue ?? "no reason")
            findings.append(
                Finding(
                    .warn, "slack events", "\(aside.count) could not be worked off; the last: \(error)",
                    advice: "Whoever wrote them got no answer. They go by themselves after two weeks."))
        }
        return findings
    }

    /// Those of the audit that cannot be told. Whoever may not know hears nothing.
    private static func witnesses(_ path: String) async -> [Finding] {
        let answer = try? await APIClient.with(socketPath: path, patience: .seconds(5)) {
            try await $0.auditWitnesses()
        }
        return (answer?["witnesses"]?.arrayValue ?? []).compactMap { witness in
            guard let failure = witness["failure"]?.stringValue else { return nil }
            return Finding(
                .warn, "audit witness", "\(witness["name"]?.stringValue ?? "one") cannot be told: \(failure)",
                advice: "The audit goes on, and it is told when it is back.")
        }
    }

    /// Whether the daemon could have its port.
    private static func port(_ settings: Settings) -> Finding {
        let number = settings.console.port
        guard number > 0, let port = UInt16(exactly: number) else { return Finding(.ok, "port", "any free one") }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return Finding(.warn, "port", "no socket can be opened to try port \(port)") }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, settings.console.host, &address.sin_addr) == 1 else {
            return Finding(.ok, "port", "\(settings.console.host):\(port), not tried")
        }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result != 0 else { return Finding(.ok, "port", "\(settings.console.host):\(port) is free") }
        return Finding(
            .fail, "port", "\(settings.console.host):\(port) cannot be had: \(String(cString: strerror(errno)))",
            advice: "Something else uses it: end that, or set console.port to another.")
    }
}
