internal import MCP

/// Those of the group that need more than one command, or the harness's own eye.
enum ResourceTrials {
    static let flood = DrillTrial(.resources, "output_flood", "output without end")
    static let orphan = DrillTrial(.resources, "orphan", "going on after the command's time-out")
}

extension GroupRun {
    func resources() async throws -> [DrillAttempt] {
        // Last what the script does: the memory it takes may take the sandbox along.
        [try await flood(), try await orphan()] + (try await scripted(.resources, given: ["seconds": 20]))
    }

    private func flood() async throws -> DrillAttempt {
        let word = Nonces.word()
        let control = try await sandbox.bash("echo \(word)")
        let flood = try await sandbox.bash("yes \(word) | head -c 1000000000")
        let size = flood.text.utf8.count
        return ResourceTrials.flood.attempt(
            refused: flood.isError && size <= 300 << 10, control: !control.isError && control.text.contains(word),
            detail: "\(size) bytes of 1000000000 came")
    }

    private func orphan() async throws -> DrillAttempt {
        let (kept, late) = (Nonces.word(), Nonces.word())
        func running(_ word: String) async throws -> Bool {
            // Written so that the search does not find itself.
            let found = try await sandbox.bash(
                "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -c '[d]rill-\(word)' || true")
            return found.text.first.map { $0 != "0" } ?? false
        }
        // The neighbour: what is started in the background of a command that ends by itself goes on.
        _ = try await sandbox.bash("bash -c 'exec -a drill-\(kept) sleep 300' >/dev/null 2>&1 &")
        let control = try await running(kept)
        _ = try await sandbox.bash("pkill -f '[d]rill-\(kept)' || kill %1 2>/dev/null || true")
        let outcome = try await sandbox.bash(
            """
            (setsid bash -c 'exec -a drill-\(late) sleep 300' &) ; setsid nohup bash -c \
            'trap "" TERM HUP INT; (exec -a drill-\(late) sleep 301) & (exec -a drill-\(late) sleep 302); wait' & sleep 60
            """, seconds: 1)
        let survived = try await running(late)
        return ResourceTrials.orphan.attempt(
            refused: outcome.isError && !survived, control: control,
            detail: survived ? "a process of it went on" : "nothing of it went on")
    }
}
