internal import LeakScan
internal import Model

/// A secret on its way out of a sandbox in one of the ways it can be written. The scan is a net for accidents: these are
/// the accidents.
struct LeakTrial: Sendable {
    var trial: DrillTrial
    /// Prints `$SECRET` in that way.
    var command: String

    init(_ name: String, _ title: String, _ command: String) {
        trial = DrillTrial(.secrets, "leak_\(name)", title)
        self.command = command
    }
}

enum LeakTrials {
    static let all = [
        LeakTrial("plain", "a secret in a command's output", "printf %s \"$SECRET\""),
        LeakTrial("base64", "the same in base64", "printf %s \"$SECRET\" | base64 -w0"),
        LeakTrial("base64_shifted", "in base64, after other bytes", "printf 'x%s' \"$SECRET\" | base64 -w0"),
        LeakTrial("hex", "in hexadecimal", "printf %s \"$SECRET\" | od -An -v -tx1 | tr -d ' \\n'"),
        LeakTrial("url", "encoded for a URL", python("urllib.parse.quote(s, safe='')")),
        LeakTrial("reversed", "backwards", "printf %s \"$SECRET\" | rev"),
        LeakTrial("json", "within JSON", python("json.dumps({'token': s})")),
    ]

    private static func python(_ expression: String) -> String {
        "python3 -I -c \"import json, os, urllib.parse; s = os.environ['SECRET']; print(\(expression))\""
    }
}

extension GroupRun {
    /// The scan's own code with a secret of the drill's own, on what really comes out of the sandbox.
    func leaks() async throws -> [DrillAttempt] {
        let word = Nonces.word()
        let secret = "Drill/\(word.prefix(20))+9Q=\(word.suffix(6))"
        let leaks = LeakGuard()
        leaks.replace(with: [LeakSecret(id: "drill", name: "DRILL", value: Array(secret.utf8))])
        let subject = LeakSubject(session: sandbox.session, requester: person, tool: "bash")
        var found: [DrillAttempt] = []
        for trial in LeakTrials.all {
            let (text, other) = (
                try await printed(trial, secret), try await printed(trial, "Plain/" + Nonces.word().prefix(20) + "+8P=")
            )
            let (screened, control) = (leaks.screened(text, in: subject), leaks.screened(other, in: subject))
            // What is found is taken out: the way it came in is in the text no more.
            let isGone = !screened.findings.isEmpty && screened.value != text && screened.value.contains("withheld")
            found.append(
                trial.trial.attempt(
                    refused: isGone && !screened.value.contains(secret),
                    control: !other.isEmpty && control.value == other && control.findings.isEmpty,
                    detail: screened.findings.map { "found as \($0.form)" }.joined(separator: ", ")))
        }
        return found
    }

    private func printed(_ trial: LeakTrial, _ value: String) async throws -> String {
        let said = try await sandbox.bash("export SECRET='\(value)'; \(trial.command)").text
        return said.split(separator: "\n").first.map(String.init) ?? ""
    }
}
