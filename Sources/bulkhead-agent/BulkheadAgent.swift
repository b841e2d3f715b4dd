import AgentLoop
import Glibc
import WorkspaceTools

/// The one program of both containers: `loop` in the agent's, `tools` in the workspace's.
@main
enum BulkheadAgent {
    private static let usage = """
        usage: bulkhead-agent loop [--door SOCKET]     the agent: MCP client on standard input and output
               bulkhead-agent tools [--root FOLDER]    the workspace's tools: MCP server on standard input and output
               bulkhead-agent check-lock               shows what the agent's system call filter refuses

        """

    static func main() async {
        var arguments = CommandLine.arguments.dropFirst()
        switch (arguments.popFirst(), arguments.count) {
        case ("loop", 0): exit(await AgentProcess.run(door: AgentProcess.defaultDoor))
        case ("loop", 2) where arguments.first == "--door": exit(await AgentProcess.run(door: arguments.last ?? ""))
        case ("tools", 0): exit(await WorkspaceProcess.run(root: "/workspace"))
        case ("tools", 2) where arguments.first == "--root":
            exit(await WorkspaceProcess.run(root: arguments.last ?? ""))
        case ("check-lock", 0): exit(LockCheck.run { print($0) } ? 0 : 1)
        case ("help", _), ("--help", _): print(usage, terminator: "")
        default:
            _ = Array(usage.utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            exit(64)
        }
    }
}
