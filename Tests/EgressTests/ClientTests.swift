import Egress
import Foundation
import NetworkRules
import Testing

/// Clients as people use them, through a forwarder like a sandbox's, at a host with TLS of its own.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ClientTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct Host {
        let folder: String
        let plain: String
        let secure: String
        var certificate: String { folder + "/server.crt" }
    }

    @Test func curl() async throws {
        try await Self.with { stage, host, proxy in
            // What is asked for, and what the answer has in it.
            let cases: [([String], String)] = [
                ([host.secure + "/a"], "hello from /a"),
                ([host.plain + "/b", host.plain + "/c"], "hello from /bhello from /c"),
                (["--http1.0", host.plain + "/e"], "hello from /e"), (["--http2", host.plain + "/f"], "hello from /f"),
                (["--data", String(repeating: "x", count: 3000), host.plain], "3000 bytes"),
                (["-H", "Expect: 100-continue", "-d", "abc", host.plain], "3 bytes"),
                (["-H", "Transfer-Encoding: chunked", "-d", "abcd", host.plain], "4 bytes"),
                (["--proxytunnel", host.plain + "/d"], "is not TLS"),
                (["-L", host.plain + "/redirect"], "IP addresses are not reached"),
                (["https://elsewhere.example/"], "CONNECT tunnel failed, response 403"),
                (["http://elsewhere.example/"], "Bulkhead: elsewhere.example is not granted.\n"),
                (["https://127.0.0.1:443/"], "CONNECT tunnel failed, response 400"),
                // The name it tells the host is another than the one it asked the proxy for.
                (
                    ["--connect-to", "front.test:443:\(host.secure.dropFirst(8))", "https://front.test/"],
                    "unrecognized name"
                ),
            ]
            let always = ["-sS", "--max-time", "20", "--proxy", proxy, "--cacert", host.certificate]
            for (arguments, expected) in cases {
                let said = try await Self.run("curl", always + arguments)
                #expect(said.contains(expected), "\(arguments)")
            }
            let headers = try await Self.run("curl", always + ["--proxy-user", "a:b", host.plain + "/headers"])
            #expect(headers.contains("Host: ") && !headers.lowercased().contains("proxy"))
        }
    }

    @Test func python() async throws {
        try await Self.with { stage, host, proxy in
            let python =
                getenv("BULKHEAD_PEERS_PYTHON").map { String(cString: $0) } ?? Self.root.path
                + "/.build/peers/bin/python"
            let said = try await Self.run(
                python,
                [Self.root.path + "/Tests/Peers/egress_client.py", proxy, host.plain, host.secure, host.certificate])
            #expect(
                said == """
                    urllib plain: hello from /u
                    urllib secure: hello from /u
                    urllib refused: <urlopen error Tunnel connection failed: 403 elsewhere.example is not granted.>
                    requests plain: hello from /0
                    requests plain: hello from /1
                    requests plain: hello from /2
                    requests secure: hello from /r
                    requests post: 100000 bytes
                    requests chunked: 7000 bytes
                    requests large: 4194304
                    requests redirect: 400 Bulkhead: 127.0.0.1:\(host.plain.split(separator: ":").last ?? "") names no host: a name \
                    like example.com is needed, and IP addresses are not reached.
                    requests refused: 403 Bulkhead: elsewhere.example is not granted.

                    """)
        }
    }

    private static func with(_ body: @Sendable (Stage, Host, String) async throws -> Void) async throws {
        let folder = "/tmp/bulkhead-egress-host-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await run(
            "bash",
            [
                "-c",
                """
                cd \(folder) && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
                    -subj /CN=host.test -addext subjectAltName=DNS:host.test,DNS:front.test -keyout server.key -out server.crt \
                    && cat server.crt server.key >server.pem
                """,
            ])
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", root.path + "/Tests/Peers/egress_host.py", folder]
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let deadline = ContinuousClock.now + .seconds(20)
        while !FileManager.default.fileExists(atPath: folder + "/ports") {
            guard ContinuousClock.now < deadline else { throw Peer.Failure(what: "python3 serves no host") }
            try await Task.sleep(for: .milliseconds(20))
        }
        let ports = try String(contentsOfFile: folder + "/ports", encoding: .utf8).split(separator: " ")
        let host = Host(
            folder: folder, plain: "http://host.test:\(ports[0])", secure: "https://host.test:\(ports[1])")
        try await Stage.with(decision: { request in
            request.target.host.description == "elsewhere.example"
                ? .refuse(reason: "elsewhere.example is not granted.") : Judge.allowed
        }) { stage in
            let forwarder = try Forwarder(to: stage.path)
            try await body(stage, host, "http://127.0.0.1:\(forwarder.port)")
        }
    }

    /// What it says on both its outputs.
    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        try await blocking {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [program] + arguments
            process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let bytes = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
