import Audit
import Foundation
import Logging
import MCP
import Model
import Sinks
import Store
import Testing

/// What leaves this machine of the audit, to receivers that are not ours, and comes back as proof.
@Suite(.serialized) struct SinkTests {
    private struct Chain {
        let folder: String
        let database: Database
        let audit: AuditLog
        let key: AuditKey

        init() async throws {
            folder = "/tmp/bulkhead-sinks-\(UInt32.random(in: 0...UInt32.max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            database = try Database(directory: folder)
            audit = try await AuditLog.open(database)
            key = try AuditKey(file: folder + "/audit.key")
        }

        /// `count` checkpoints, told to `witnesses`.
        func grow(_ count: Int, telling witnesses: [any AuditWitness]) async throws {
            let notary = AuditNotary(
                audit: audit, key: key, witnesses: witnesses,
                logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
            for _ in 0..<count {
                try await audit.event("test", details: ["a": 1])
                await notary.attest()
            }
        }

        func close() {
            database.close()
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    @Test func syslogGetsEachCheckpointAndItProves() async throws {
        let receiver = try Receiver()
        let chain = try await Chain()
        defer { chain.close() }
        for (text, file) in [
            ("unix:\(receiver.folder)/log.sock", "syslog"), ("udp:127.0.0.1:\(receiver.udp)", "syslog"),
            ("tcp:localhost:\(receiver.tcp)", "syslog-tcp"),
        ] {
            unlink(receiver.folder + "/" + file)
            let address = try #require(SyslogAddress(text))
            let sink = CheckpointSink(text, audit: chain.audit, delivery: SyslogDelivery(address))
            try await chain.grow(3, telling: [sink])
            let tail = Int(try await chain.audit.acknowledged(by: text))
            let lines = receiver.lines(file, count: tail)
            #expect(lines.count == tail && tail > 0, "\(text): \(lines)")
            for line in lines {
                // RFC 5424, 6: PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG.
                #expect(
                    line.wholeMatch(
                        of: #/<109>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ bulkhead \d+ audit - bulkhead-audit 1 .*/#) != nil)
            }
            let witnessed = lines.compactMap { AuditCheckpoint(line: $0) }
            #expect(witnessed.count == lines.count)
            let verification = try await chain.audit.verify(key: chain.key.publicKey, witnessed: witnessed)
            #expect(verification.isWhole && verification.signedTo == Int64(tail))
        }
    }

    @Test func httpsGetsWhatItMissedAndItProves() async throws {
        let receiver = try Receiver(token: "s3cret")
        let chain = try await Chain()
        defer { chain.close() }
        let url = "https://localhost:\(receiver.https)/audit"
        let delivery = try HTTPSDelivery(url: url, authority: receiver.authority, token: { "s3cret" })
        let now = TestTime()
        let sink = CheckpointSink("https", audit: chain.audit, delivery: delivery, now: { now.now })
        try Data().write(to: URL(fileURLWithPath: receiver.folder + "/down"))
        try await chain.grow(3, telling: [sink])
        #expect(receiver.lines("posted.jsonl", count: 0).isEmpty)
        #expect(try await chain.audit.acknowledged(by: "https") == 0)
        unlink(receiver.folder + "/down")
        // Too soon after it failed.
        try await chain.grow(1, telling: [sink])
        #expect(try await chain.audit.acknowledged(by: "https") == 0)
        now.advance(by: .seconds(60))
        try await chain.grow(1, telling: [sink])
        let lines = receiver.lines("posted.jsonl", count: 5)
        #expect(lines.compactMap { AuditCheckpoint(line: $0)?.sequence } == [1, 2, 3, 4, 5], "\(lines)")
        let verification = try await chain.audit.verify(
            key: chain.key.publicKey, witnessed: lines.compactMap { AuditCheckpoint(line: $0) })
        #expect(verification.isWhole && verification.signedTo == 5)
        // Another process goes on where this one ended.
        let next = CheckpointSink("https", audit: chain.audit, delivery: delivery)
        try await chain.grow(1, telling: [next])
        #expect(receiver.lines("posted.jsonl", count: 6).count == 6)
        await delivery.shutdown()
    }

    @Test func aServerThatIsNotTheOneMeantGetsNothing() async throws {
        let receiver = try Receiver(token: "right")
        let chain = try await Chain()
        defer { chain.close() }
        let url = "https://localhost:\(receiver.https)/audit"
        let other = try Receiver()
        for (address, authority, token) in [
            // An authority we do not know, another one, another name, another token.
            (url, nil, "right"), (url, other.authority, "right"),
            ("https://127.0.0.1:\(receiver.https)/audit", receiver.authority, "right"),
            (url, receiver.authority, "wrong"), (url, receiver.authority, nil),
        ] as [(String, String?, String?)] {
            let delivery = try HTTPSDelivery(url: address, authority: authority, token: { token })
            try await chain.grow(
                1, telling: [CheckpointSink("\(address) \(authority ?? "")", audit: chain.audit, delivery: delivery)])
            await delivery.shutdown()
        }
        #expect(receiver.lines("posted.jsonl", count: 0).isEmpty)
        #expect(throws: HTTPSDelivery.Failure.self) {
            try HTTPSDelivery(url: url, authority: receiver.folder + "/ports", token: { nil })
        }
    }

    @Test(arguments: [
        "", "/dev/log", "unix:dev/log", "udp:host", "udp::514", "udp:host:0", "udp:host:70000", "tls:host:514",
        "udp:ho st:514", "udp:host:514:", "unix:/a\u{0}b",
    ])
    func whatIsNoAddressIsNone(text: String) {
        #expect(SyslogAddress(text) == nil)
    }

    @Test func addressesAreRead() {
        #expect(SyslogAddress("unix:/dev/log") == .local("/dev/log"))
        #expect(SyslogAddress("udp:log.example.com:514") == .udp(host: "log.example.com", port: 514))
        #expect(SyslogAddress("tcp:[::1]:6514") == .tcp(host: "::1", port: 6514))
    }
}
