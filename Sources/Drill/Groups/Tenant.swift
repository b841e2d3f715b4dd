internal import Compartments
internal import MCP
internal import Model

enum TenantTrials {
    static let hook = DrillTrial(.tenant, "git_hook", "a planted git hook that the harness would run")
    static let toolLink = DrillTrial(.tenant, "tool_link", "a planted link that the harness's tools would follow")
}

/// With a second sandbox beside, which belongs to another session and serves its canary.
extension GroupRun {
    func tenant() async throws -> [DrillAttempt] {
        let neighbour = try await DrillSandbox.take(from: services.pool, identifiers: services.identifiers)
        do {
            let found = try await tenant(beside: neighbour)
            let left = await neighbour.end()
            guard left.isEmpty else { return found.map { $0.withDetail(left.joined(separator: "; "), refused: false) } }
            return found
        } catch {
            _ = await neighbour.end()
            throw error
        }
    }

    private func tenant(beside neighbour: DrillSandbox) async throws -> [DrillAttempt] {
        let canary = "canary" + Nonces.word()
        let key = Int64.random(in: 0x1000_0000...0x6FFF_FFFF) & ~1
        let command = ProbeScript.command(
            .neighbour,
            given: [
                "canary": .string(String(canary.reversed())), "folder": .string(DrillSandbox.folder), "key": .int(key),
                "seconds": 45,
            ])
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await neighbour.bash(command, seconds: 60) }
            defer { group.cancelAll() }
            let about = try await Self.ready(neighbour)
            let volumes = try await services.engine.describe().volumeRoot
            let found: [DrillAttempt] = try await scripted(
                .tenant,
                given: [
                    "neighbour": [
                        "canary": .string(String(canary.reversed())), "uid": about["uid"] ?? 0,
                        "pid": about["pid"] ?? 0, "port": about["port"] ?? 0,
                        "session": .string(neighbour.session.rawValue), "root": .string(volumes),
                        "doors": .string("/run/bulkhead/\(neighbour.id)-workspace/egress.sock"), "key": .int(key),
                    ], "mark": .string(Nonces.word()),
                ])
            let rest = [try await plantedHook(), try await followedLink(canary)]
            _ = try await neighbour.bash("touch \(DrillSandbox.folder)/over")
            // What is looked for has to have been there all the time.
            let lived = try await neighbour.bash("cat \(DrillSandbox.folder)/canary").text.contains(canary)
            return (found + rest).map {
                lived ? $0 : $0.withDetail("the neighbour's canary was not there", control: false)
            }
        }
    }

    /// What the neighbour says once it serves.
    private static func ready(_ neighbour: DrillSandbox) async throws -> JSONObject {
        for _ in 0..<100 {
            let said = try await neighbour.bash("cat \(DrillSandbox.folder)/ready 2>/dev/null || sleep 0.1").text
            for line in said.split(separator: "\n") where line.hasPrefix("{") {
                if let object = (try? JSONValue(parsing: String(line)))?.objectValue { return object }
            }
        }
        throw DrillFailure("the second sandbox did not get ready")
    }

    /// A repository full of hooks lies where the harness reads; it reads, and nothing runs.
    private func plantedHook() async throws -> DrillAttempt {
        let (folder, mark) = ("\(DrillSandbox.folder)/planted", "\(DrillSandbox.folder)/mark-\(Nonces.word())")
        let planted = try await sandbox.bash(
            """
            git init -q \(folder) && cd \(folder) && for n in post-checkout pre-commit post-index-change fsmonitor; do
            printf '#!/bin/sh\\nid -u >> \(mark)\\n' > .git/hooks/$n; chmod 755 .git/hooks/$n; done
            git config core.fsmonitor .git/hooks/fsmonitor; echo x > file; git add file
            test -s \(mark) && echo RAN; rm -f \(mark)
            """)
        let scripts = ["\(folder)/.git/hooks/pre-commit", "\(folder)/file"]
        for path in scripts { _ = try await sandbox.call("read_file", ["path": .string(path)]) }
        _ = try await sandbox.call("glob", ["pattern": "**/*", "path": .string(folder)])
        _ = try await sandbox.call("grep", ["pattern": "x", "path": .string(folder)])
        _ = try await sandbox.call("write_file", ["path": .string("\(folder)/file"), "content": "y"])
        _ = try? await sandbox.call("host_evidence", ["command": .string("git -C \(folder) status")])
        _ = try? await sandbox.call("host_get", ["path": .string("\(folder)/file")])
        let ran = try await sandbox.bash("test -s \(mark) && cat \(mark) || echo NOTHING").text
        return TenantTrials.hook.attempt(
            refused: ran.contains("NOTHING"), control: planted.text.contains("RAN"),
            detail: ran.contains("NOTHING") ? "read, listed, written and looked at: nothing ran" : "a hook ran")
    }

    /// The tools through which the harness reads and writes files follow no link out of the workspace.
    private func followedLink(_ canary: String) async throws -> DrillAttempt {
        let (inside, outside, folder) = (
            "\(DrillSandbox.folder)/plain", "\(DrillSandbox.folder)/way-out", "\(DrillSandbox.folder)/folder-out"
        )
        _ = try await sandbox.bash(
            "echo plain > \(inside); ln -sfn /etc/passwd \(outside); ln -sfn /etc \(folder); ln -sfn ../../../etc/hostname \(outside)-up"
        )
        var seen: [String] = []
        for path in [outside, "\(folder)/passwd", "\(outside)-up", "\(DrillSandbox.folder)/../../../etc/passwd"] {
            for tool in ["read_file", "host_get"] {
                if let result = try? await sandbox.call(tool, ["path": .string(path)]), !result.isError {
                    seen.append("\(tool) \(path)")
                }
            }
            if let result = try? await sandbox.call(
                "write_file", ["path": .string(path), "content": "drill"]), !result.isError,
                try await sandbox.bash("cat /etc/passwd /etc/hostname | grep -c '^drill$' || true").text.hasPrefix("1")
            {
                seen.append("write_file \(path)")
            }
        }
        let control = try await sandbox.call("read_file", ["path": .string(inside)])
        return TenantTrials.toolLink.attempt(
            refused: seen.isEmpty, control: !control.isError && control.text.contains("plain"),
            detail: seen.isEmpty ? "none was followed" : seen.joined(separator: ", "))
    }
}

struct DrillFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension DrillAttempt {
    func withDetail(_ detail: String, refused: Bool? = nil, control: Bool? = nil) -> DrillAttempt {
        var attempt = self
        attempt.detail = detail
        attempt.wasRefused = refused ?? wasRefused
        attempt.control = control ?? self.control
        return attempt
    }
}
