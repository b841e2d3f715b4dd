import CLinux
import Glibc
import MCP

/// `bulkhead-agent tools`: the first process of the workspace container, under its init.
package enum WorkspaceProcess {
    /// Serves on standard input and output until the harness closes them. Returns the exit status.
    package static func run(root: String) async -> CInt {
        signal(SIGPIPE, SIG_IGN)
        // What bash runs has this process's uid: it must not read its memory or write into its standard output.
        guard clinux_set_dumpable(0) == 0 else {
            log("could not become non-dumpable: \(String(cString: strerror(errno)))")
            return 2
        }
        // Not the inherited mask of whoever started the container: what tools write, the session's processes may read.
        umask(0o022)
        do {
            let workspace = try Workspace(root: root)
            // Where the image's configuration of apt lets it keep its lists; it makes none of them itself.
            for path in ["apt", "apt/lists", "apt/lists/partial", "apt/archives", "apt/archives/partial"] {
                mkdir("/tmp/" + path, 0o755)
            }
            var environment = environment()
            do throws(ToolProblem) {
                // Before any command: nothing else runs here that could take the port.
                let forwarder = try Forwarder()
                environment.merge(ProxyAddress.environment(port: forwarder.port)) { $1 }
            } catch {
                log("programs here are told of no proxy: \(error)")
            }
            let server = ServerSession(
                info: Implementation(name: "bulkhead-workspace", version: "1"),
                provider: WorkspaceServer(workspace: workspace, environment: environment),
                transport: DescriptorTransport(
                    reading: STDIN_FILENO, writing: STDOUT_FILENO, ownsDescriptors: false))
            try await server.run()
            return 0
        } catch {
            log("the workspace's tools end: \(error)")
            return 1
        }
    }

    private static func log(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// This process's own, as the image and the container's template set it.
    private static func environment() -> [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { result[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return result
    }
}
