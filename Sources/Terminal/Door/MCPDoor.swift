internal import Glibc
internal import MCP

/// `bulkhead mcp`: joins standard input and output to the daemon's MCP socket, so that any MCP client that starts this
/// program is the agent of one session.
package enum MCPDoor {
    package static func run(at location: DaemonLocation, channel: String, onBehalfOf: String?) async -> Int32 {
        await CommandResult.status {
            if let failure = SocketProbe.failure(at: location.mcpSocket) { throw failure }
            let socket = try open(location.mcpSocket)
            defer { close(socket) }
            var hello: JSONObject = ["channel": .string(channel)]
            if let onBehalfOf { hello["as"] = .string(onBehalfOf) }
            try greet(socket, hello)
            let ending = await withCheckedContinuation { continuation in
                BlockingThread.start { continuation.resume(returning: DescriptorPipe.join(socket: socket)) }
            }
            guard ending == .socketClosedFirst else { return 0 }
            throw TerminalError(
                .connectionLost, "The daemon ended the session; start `bulkhead mcp` again for a new one.")
        }
    }

    private static func open(_ path: String) throws(TerminalError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, SocketProbe.connect(descriptor, to: path) == 0 else {
            let code = errno
            close(descriptor)
            throw SocketProbe.explain(code, path)
        }
        return descriptor
    }

    /// Says who and where, and reads the daemon's one line of answer, byte by byte: what follows it is the client's.
    static func greet(_ socket: Int32, _ hello: JSONObject) throws(TerminalError) {
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let line = hello.serialized() + [0x0A]
        // A daemon without a free place says so and closes before it is greeted: its words are read all the same.
        let isSent = line.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } == line.count
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while answer.count < 1 << 16 {
            let count = read(socket, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1, byte != 0x0A else { break }
            answer.append(byte)
        }
        patience = timeval(tv_sec: 0, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let value = try? JSONValue(parsing: answer)
        if value?["ok"]?.boolValue == true { return }
        let error = value?["error"]
        guard let message = error?["message"]?.stringValue ?? error?.stringValue else {
            guard isSent else {
                throw TerminalError(.connectionLost, "The daemon closed the connection before it was greeted.")
            }
            throw TerminalError(
                .protocolMismatch, "What answers at the MCP socket is not a Bulkhead daemon of this version.")
        }
        throw TerminalError(.refused, message)
    }
}
