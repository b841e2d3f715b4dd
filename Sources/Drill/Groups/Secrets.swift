internal import MCP

/// Those that only the harness can judge: it alone knows what is secret here.
enum SecretTrials {
    static let all = [live, mounted] + LeakTrials.all.map(\.trial)

    static let live = DrillTrial(.secrets, "live_values", "any key or secret of this installation, in any process")
    static let mounted = DrillTrial(.secrets, "live_in_mounts", "any of them in mounts and readable system files")
}

extension GroupRun {
    func secrets() async throws -> [DrillAttempt] {
        let canary = "canary" + Nonces.word()
        let backwards = String(canary.reversed())
        let scripted = try await scripted(
            .secrets, given: ["canary": .string(backwards)],
            environment: [("DRILL_CANARY", canary)])
        return scripted + [
            try await look(
                SecretTrials.live, canary, "export DRILL_CANARY=\(canary)",
                "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | sort -u"),
            try await look(
                SecretTrials.mounted, canary,
                "mkdir -p \(DrillSandbox.folder); echo \(canary) > \(DrillSandbox.folder)/canary",
                """
                cat /proc/self/mountinfo /etc/resolv.conf /etc/hosts /run/bulkhead/* \(DrillSandbox.folder)/* \
                /workspace/global/* /proc/1/environ 2>/dev/null | head -c 50000
                """),
        ] + (try await leaks())
    }

    /// What the command shows is searched here, for every live value and for the canary.
    private func look(
        _ trial: DrillTrial, _ canary: String, _ prepare: String, _ command: String
    ) async throws -> DrillAttempt {
        // As hexadecimal: nothing on its way takes a known secret out before it was looked for.
        let said = try await sandbox.bash(
            "\(prepare); { \(command); } | head -c 28000 | od -An -v -tx1 | tr -d ' \\n'")
        let bytes = Self.bytes(ofHex: said.text)
        let found = try await services.liveSecrets().filter { Self.contains(bytes, $0.value) }.map(\.name)
        return trial.attempt(
            refused: found.isEmpty && !said.isError, control: Self.contains(bytes, Array(canary.utf8)),
            detail: found.isEmpty ? "none in \(bytes.count) bytes" : "found: \(found.joined(separator: ", "))")
    }

    static func contains(_ bytes: [UInt8], _ value: [UInt8]) -> Bool {
        guard !value.isEmpty else { return false }
        return bytes.firstRange(of: value) != nil
    }

    static func bytes(ofHex text: String) -> [UInt8] {
        var (result, high): ([UInt8], UInt8?) = ([], nil)
        for character in text.utf8 {
            let digit: UInt8
            switch character {
            case 0x30...0x39: digit = character - 0x30
            case 0x61...0x66: digit = character - 0x61 + 10
            // What follows the digits is the tool's own line.
            default: return result
            }
            if let first = high {
                result.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return result
    }
}
