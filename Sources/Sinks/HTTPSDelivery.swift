internal import AsyncHTTPClient
package import Audit
internal import MCP
internal import Model
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Checkpoints as POST requests with a JSON body to an HTTPS endpoint; delivered where it answers 2xx.
package struct HTTPSDelivery: CheckpointDelivery {
    private let url: String
    /// Read each time, so that it can be exchanged. `nil`: none is sent.
    private let token: @Sendable () throws -> String?
    private let client: HTTPClient

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// `authority`: a file of certificates (PEM) to trust in place of the system's. Throws where it cannot be read.
    package init(url: String, authority: String?, token: @escaping @Sendable () throws -> String?) throws {
        self.url = url
        self.token = token
        var tls = TLSConfiguration.makeClientConfiguration()
        if let authority {
            // Read here, so that a file that is none is told at the start.
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
            } catch {
                throw Failure(description: "\(authority) is no file of certificates (PEM): \(error)")
            }
        }
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5), read: .seconds(10)))
        settings.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    package func deliver(_ checkpoint: AuditCheckpoint) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = ["content-type": "application/json", "user-agent": "bulkhead"]
        if let token = try token() { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        request.body = .bytes(ByteBuffer(bytes: Self.body(of: checkpoint)))
        let response = try await client.execute(request, timeout: .seconds(15))
        guard (200..<300).contains(response.status.code) else {
            throw Failure(description: "\(url) answered \(response.status.code)")
        }
    }

    package static func body(of checkpoint: AuditCheckpoint) -> [UInt8] {
        JSONValue.object([
            "version": 1, "seq": .int(checkpoint.sequence), "at": .string(checkpoint.at.rfc3339),
            "checkpoint": .string(checkpoint.line),
        ]).serialized()
    }

    package func shutdown() async {
        try? await client.shutdown()
    }
}
