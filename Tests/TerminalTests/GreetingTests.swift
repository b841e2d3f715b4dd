import Glibc
import MCP
@testable import Terminal
import Testing

/// The first line of `bulkhead mcp`, and what the daemon says to it.
@Suite struct GreetingTests {
    private func pair() -> (client: Int32, daemon: Int32) {
        var ends: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends)
        return (ends[0], ends[1])
    }

    private func say(_ text: String, on descriptor: Int32) {
        _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    @Test func aRefusalIsReadAlthoughTheDaemonHasGone() throws {
        let ends = pair()
        defer { close(ends.client) }
        say("{\"error\":\"You have 8 MCP clients connected.\"}\n", on: ends.daemon)
        close(ends.daemon)
        let refusal = #expect(throws: TerminalError.self) { try MCPDoor.greet(ends.client, ["channel": "x"]) }
        #expect(refusal?.code == .refused && refusal?.message == "You have 8 MCP clients connected.")
    }

    @Test func aDaemonThatLeftWithoutAWordIsALostConnection() throws {
        let ends = pair()
        defer { close(ends.client) }
        close(ends.daemon)
        let lost = #expect(throws: TerminalError.self) { try MCPDoor.greet(ends.client, ["channel": "x"]) }
        #expect(lost?.code == .connectionLost)
    }

    @Test func aWelcomeIsOne() throws {
        let ends = pair()
        defer {
            close(ends.client)
            close(ends.daemon)
        }
        say("{\"ok\":true}\nrest", on: ends.daemon)
        try MCPDoor.greet(ends.client, ["channel": "x"])
        var rest = [UInt8](repeating: 0, count: 16)
        #expect(read(ends.client, &rest, 16) == 4, "what follows is the client's")
    }
}
