extension Settings {
    /// Sockets of the running daemon.
    package var consoleSocket: String { runtime.directory + "/console.sock" }
    package var mcpSocket: String { runtime.directory + "/mcp.sock" }
}
