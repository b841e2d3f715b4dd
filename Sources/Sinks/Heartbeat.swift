internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// A GET to an address that expects one every minute: where they stop, a monitor outside notices.
package struct Heartbeat: Sendable {
    private let url: String
    private let client: HTTPClient

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package init(url: String) {
        self.url = url
        let settings = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(10)))
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// Throws where it did not answer 2xx within 15 s.
    package func beat() async throws {
        var request = HTTPClientRequest(url: url)
        request.headers = ["user-agent": "bulkhead"]
        let response = try await client.execute(request, timeout: .seconds(15))
        guard (200..<300).contains(response.status.code) else {
            throw Failure(description: "the monitor answered \(response.status.code)")
        }
    }

    package func shutdown() async {
        try? await client.shutdown()
    }
}
