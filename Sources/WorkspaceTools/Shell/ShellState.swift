import Glibc

/// What one command leaves to the next: the working directory and the exported environment.
package struct ShellState: Sendable, Hashable {
    static let maximumBytes = 512 << 10

    package var directory: String
    /// `NAME=value`.
    package var environment: [[UInt8]]

    package init(directory: String, environment: [[UInt8]]) {
        self.directory = directory
        self.environment = environment
    }

    /// For a new session: the container's environment, without what started this process (its loader's variables).
    package init(workspace: Workspace, environment: [String: String]) {
        var kept: [String: String] = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "\(workspace.root)/session", "LANG": "C.UTF-8", "USER": "agent", "SHELL": "/bin/bash",
        ]
        for (name, value) in environment where !name.hasPrefix("LD_") && name != "PWD" && name != "OLDPWD" {
            kept[name] = value
        }
        // No terminal: programs that ask for one must neither page nor colour nor wait.
        let plain = ["TERM": "dumb", "PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0", "NO_COLOR": "1"]
        kept.merge(plain) { $1 }
        directory = workspace.homePath
        self.environment = kept.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8) }
    }

    /// Whatever order they come in, and without what every `cd` leaves.
    var exports: Set<[UInt8]> { Set(environment.filter { !$0.starts(with: "OLDPWD=".utf8) }) }

    /// What the wrapper in `BashTool` writes to descriptor 3 at its end: exit status, directory, `env -0`, each entry
    /// ended by NUL. `nil` where it did not get to write all of it.
    package static func parse(_ bytes: [UInt8]) -> (status: Int, state: ShellState)? {
        guard bytes.last == 0, bytes.count < maximumBytes else { return nil }
        let entries = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
        guard entries.count >= 2, let status = Int(String(decoding: entries[0], as: UTF8.self)),
            entries[1].first == UInt8(ascii: "/")
        else { return nil }
        let variables = entries.dropFirst(2).filter { entry in
            entry.contains(UInt8(ascii: "=")) && !["_=", "SHLVL=", "PWD="].contains { entry.starts(with: $0.utf8) }
        }
        let directory = String(decoding: entries[1], as: UTF8.self)
        return (status, ShellState(directory: directory, environment: variables.map(Array.init)))
    }
}
