import Foundation
import Testing

/// Browsers and the people behind them, against a whole installation.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SignInTests {
    private func curl(_ arguments: [String]) async throws -> String {
        try await Command.run("/usr/bin/curl", ["-sS", "--max-time", "20"] + arguments).output
    }

    /// A cookie from a link, as a browser gets it.
    private func signIn(_ link: String) async throws -> (base: String, cookie: String) {
        let parts = link.trimmingCharacters(in: .whitespacesAndNewlines).components(separatedBy: "/login?token=")
        try #require(parts.count == 2, "\(link)")
        let head = try await curl(["-D", "-", "-o", "/dev/null", "--data", "token=" + parts[1], parts[0] + "/login"])
        let cookie = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") }
        let value = try #require(cookie, "\(head)").dropFirst("set-cookie: ".count).prefix { $0 != ";" }
        return (parts[0], String(value))
    }

    private func me(_ browser: (base: String, cookie: String)) async throws -> String {
        try await curl(["-H", "Cookie: " + browser.cookie, browser.base + "/api/me"])
    }

    @Test func aRestartSignsNobodyOutAndAChangeOfTheSettingsDoes() async throws {
        let bulkhead = try await Installation()
        do {
            try await bulkhead.start()
            let own = try await signIn(try await bulkhead.bulkhead(["login-link"]).output)
            let made = try await signIn(try await bulkhead.bulkhead(["login-link", "--person", "nobody"]).output)
            let theirs = try await signIn(
                try await Command.run(
                    "/usr/bin/setpriv",
                    [
                        "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", bulkhead.home + "/bin/bulkhead",
                        "login-link", "--config", bulkhead.configuration,
                    ]
                ).output)
            #expect(try await me(own).contains("\"role\":\"owner\""))
            #expect(try await me(made).contains("\"on_behalf_by_name\":\"root\""))
            let answer = try await me(theirs)
            #expect(answer.contains("\"name\":\"nobody\"") && !answer.contains("on_behalf_by"))

            // An ordinary stop says nothing that looks like a failure, and the next start knows everybody.
            bulkhead.daemon?.signal(SIGTERM)
            let stopped = try #require(await bulkhead.daemon?.finish(within: .seconds(30)))
            #expect(stopped.status == 0, "\(stopped.errors)")
            #expect(
                !stopped.errors.contains(" error ") && !stopped.errors.contains("CancellationError"),
                "\(stopped.errors)")
            try await bulkhead.startDaemon()
            for browser in [own, made, theirs] { #expect(try await me(browser).contains("\"person\"")) }

            let settings = try String(contentsOfFile: bulkhead.configuration, encoding: .utf8)
            try settings.replacingOccurrences(of: "members: [nobody]", with: "members: []")
                .write(toFile: bulkhead.configuration, atomically: true, encoding: .utf8)
            bulkhead.daemon?.signal(SIGHUP)
            let deadline = ContinuousClock.now + .seconds(20)
            var after = ""
            while !after.contains("unauthenticated"), ContinuousClock.now < deadline { after = try await me(theirs) }
            #expect(after.contains("unauthenticated"), "\(after)")
            #expect(try await me(made).contains("unauthenticated"))
            #expect(try await me(own).contains("\"role\":\"owner\""))
            let spoken = try await bulkhead.chat("echo hi", ["--user", "nobody"])
            #expect(spoken.result.status != 0)
            #expect(
                (spoken.result.output + spoken.result.errors).contains("may not use Bulkhead any more"),
                "\(spoken.result)")
            let audit = try await bulkhead.bulkhead(["audit", "--json"]).output
            for event in ["login.link_made", "login.succeeded", "person.removed"] { #expect(audit.contains(event)) }
            let verified = try await bulkhead.bulkhead(["audit", "verify"])
            #expect(verified.status == 0, "\(verified.output)")
        } catch {
            Issue.record("\(error)\n\(bulkhead.daemon?.errors ?? "")\n\(bulkhead.broker?.errors ?? "")")
        }
        let left = try await bulkhead.remove()
        #expect(left.isEmpty, "left behind: \(left)")
    }
}
