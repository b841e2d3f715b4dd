internal import AsyncHTTPClient
package import MCP
internal import NIOCore
internal import NIOHTTP1

extension APIClient {
    package func drillTrials() async throws -> JSONValue {
        try await get("/api/drill").value
    }

    /// A drill as it goes: each step is handed to `deliver`. Letting go of it ends the drill.
    package func drill(only groups: [String], _ deliver: (JSONObject) async throws -> Void) async throws {
        let place = "POST /api/drill"
        let only = groups.isEmpty ? nil : groups.joined(separator: ",")
        let response = try await execute(try request(.POST, "/api/drill", [("only", only)], body: nil))
        guard response.status == .ok else {
            let body = try? await response.body.collect(upTo: 1 << 16)
            throw refusal(response.status, body.map { Array(buffer: $0) } ?? [], place)
        }
        var (body, held) = (response.body.makeAsyncIterator(), [UInt8]())
        while let buffer = try await next(&body) {
            held += buffer.readableBytesView
            guard held.count <= 1 << 20 else {
                throw TerminalError(.protocolMismatch, "The daemon's answer to \(place) has a line of over 1 MiB.")
            }
            while let end = held.firstIndex(of: 0x0A) {
                let line = Array(held[..<end])
                held.removeFirst(end + 1)
                // Empty lines say that it goes on.
                guard !line.isEmpty else { continue }
                guard let step = (try? JSONValue(parsing: line))?.objectValue else {
                    throw TerminalError(.protocolMismatch, "The daemon's answer to \(place) is no JSON.")
                }
                try await deliver(step)
            }
        }
    }
}
