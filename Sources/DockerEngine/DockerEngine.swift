internal import MCP
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// A client of the Docker Engine API, version 1.41 and up, over its Unix socket
/// (https://docs.docker.com/reference/api/engine/). One connection per request; every call has a deadline, every answer a
/// bound, every failure is an `EngineError`.
package final class DockerEngine: Sendable {
    package let socketPath: String
    /// The oldest version with everything used here; spoken to every engine that still has it.
    static let version = "1.41"
    private let negotiated = Mutex<String?>(nil)

    package init(socketPath: String = "/var/run/docker.sock") {
        self.socketPath = socketPath
    }

    package struct Version: Sendable {
        package let engine: String
        package let api: String
    }

    /// Who answers. Asks anew each time.
    package func version() async throws -> Version {
        let answer = try await call(EngineRequest(method: .GET, path: "/version", deadline: .seconds(10)), version: nil)
        guard let api = answer["ApiVersion"]?.stringValue, let engine = answer["Version"]?.stringValue else {
            throw EngineError(.badAnswer, "what answers at \(socketPath) is not a Docker Engine")
        }
        guard Self.number(api) >= Self.number(Self.version) else {
            throw EngineError(
                .tooOld, "Docker Engine \(engine) speaks API \(api): 20.10 (API \(Self.version)) or newer is needed")
        }
        let oldest = answer["MinAPIVersion"]?.stringValue ?? Self.version
        let spoken = Self.number(oldest) > Self.number(Self.version) ? oldest : Self.version
        negotiated.withLock { $0 = spoken }
        return Version(engine: engine, api: api)
    }

    /// The version to put into paths, asked for once.
    func spokenVersion() async throws -> String {
        if let known = negotiated.withLock({ $0 }) { return known }
        _ = try await version()
        return negotiated.withLock { $0 } ?? Self.version
    }

    private static func number(_ version: String) -> Int {
        let parts = version.split(separator: ".").compactMap { Int($0) }
        guard parts.count == 2, (0..<1000).contains(parts[0]), (0..<1000).contains(parts[1]) else { return 0 }
        return parts[0] * 1000 + parts[1]
    }

    /// One request, its answer decoded; `.null` where there is none.
    @discardableResult
    func call(_ request: EngineRequest) async throws -> JSONValue {
        try await call(request, version: try await spokenVersion())
    }

    private func call(_ request: EngineRequest, version: String?) async throws -> JSONValue {
        let limit = request.maximumAnswer
        let bytes = try await exchange(request, version: version) { body in
            var bytes: [UInt8] = []
            while let chunk = try await body.next() {
                guard bytes.count + chunk.count <= limit else {
                    throw EngineError(.badAnswer, "\(request.name): the answer is larger than \(limit) bytes")
                }
                bytes += chunk
            }
            return bytes
        }
        guard !bytes.isEmpty else { return .null }
        do {
            return try JSONValue(parsing: bytes)
        } catch {
            throw EngineError(.badAnswer, "\(request.name): \(error)")
        }
    }
}
