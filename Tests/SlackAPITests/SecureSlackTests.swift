import Foundation
import MCP
import SlackAPI
import TestSupport
import Testing

/// https and wss, with a certificate for 127.0.0.1 of an authority of the test's own.
@Suite(.timeLimit(.minutes(5))) struct SecureSlackTests {
    private static func withCertificate(
        for name: String, _ body: (_ options: [String], _ authority: [UInt8]) async throws -> Void
    ) async throws {
        let folder = "/tmp/bulkhead-slack-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let make = Process()
        make.executableURL = URL(filePath: "/bin/bash")
        make.arguments = [
            "-c",
            """
            cd \(folder) && exec 2>log
            ec="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
            openssl req -x509 $ec -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem &&
            openssl req $ec -subj /CN=slack -keyout server.key -out server.csr &&
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem \
                -extfile <(echo subjectAltName=\(name))
            """,
        ]
        try make.run()
        make.waitUntilExit()
        try #require(make.terminationStatus == 0)
        let authority = Array(try #require(FileManager.default.contents(atPath: folder + "/ca.pem")))
        try await body(["--certificate", folder + "/server.pem", "--key", folder + "/server.key"], authority)
    }

    @Test func callsAndConnectionsGoOverTLS() async throws {
        try await Self.withCertificate(for: "IP:127.0.0.1") { options, authority in
            try await SimulatedSlack.with(options: options, authority: authority) { slack in
                #expect(slack.url.hasPrefix("https://"))
                let received = Received()
                try await slack.connected(
                    handle: {
                        received.note($0); return nil
                    },
                    { _ in
                        try await slack.say("secret")
                        try await slack.wait("acked")
                    })
                #expect(received.texts == ["secret"])
            }
        }
    }

    @Test func aCertificateThatIsNotTrustedGetsNoToken() async throws {
        try await Self.withCertificate(for: "IP:127.0.0.1") { options, authority in
            try await SimulatedSlack.with(options: options, authority: authority) { slack in
                let token = try await slack.app()["bot_token"]?.stringValue
                slack.authority = nil
                try await slack.withClient(text: token) { client in
                    let error = await #expect(throws: SlackError.self) {
                        try await client.post(SlackPost(channel: "C1", text: "x"))
                    }
                    #expect(error?.kind == .transient && error?.code == "unreachable", "\(String(describing: error))")
                }
            }
        }
    }

    @Test func aCertificateForAnotherNameIsNotTrusted() async throws {
        try await Self.withCertificate(for: "DNS:slack.com") { options, authority in
            let slack = try SimulatedSlack(options: options)
            let token = try #require(SlackToken("xapp-1234567890"))
            let client = try SlackClient(
                endpoint: try #require(SlackEndpoint(slack.url + "/api/")), limits: .quick, authority: authority,
                logger: SimulatedSlack.logger, token: { token })
            let error = await #expect(throws: SlackError.self) { try await client.authTest() }
            #expect(error?.code == "unreachable", "\(String(describing: error))")
            await client.shutdown()
        }
    }
}
