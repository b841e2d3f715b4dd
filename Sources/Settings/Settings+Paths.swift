extension Settings {
    /// Sockets of the running daemon.
    package var consoleSocket: String { runtime.directory + "/console.sock" }
    package var mcpSocket: String { runtime.directory + "/mcp.sock" }

    package var database: String { data.directory + "/bulkhead.sqlite" }

    /// Content-addressed payloads: attachments, published files.
    package var blobs: String { data.directory + "/blobs" }
}
