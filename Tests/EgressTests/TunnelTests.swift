import Egress
import NetworkRules
import Testing

@Suite(.timeLimit(.minutes(5))) struct TunnelTests {
    @Test func carriesWhatIsForItsHostAndIsRecordedOnce() async throws {
        try await Stage.with { stage in
            let (client, host) = try await stage.tunnel()
            let hello = Hello("host.test").bytes
            try await client.send(hello)
            #expect(try await host.receive(count: hello.count) == hello)
            try await host.send("pong")
            #expect(try await client.receive(count: 4) == Array("pong".utf8))
            // Each side ends by itself.
            client.finish()
            #expect(try await host.receive().isEmpty)
            try await host.send("more")
            host.finish()
            #expect(try await client.receiveText() == "more")
            let record = try await stage.judge.next()
            #expect(record.asked == stage.at() && record.request?.target.description == stage.at())
            #expect(record.request?.method == nil && record.request?.path == nil && record.door == .workspace)
            #expect(record.refusal == nil && record.rule == "the test's" && record.end == nil)
            #expect(record.address == "127.0.0.1" && record.duration > .zero)
            #expect(record.bytesUp == Int64(hello.count) && record.bytesDown == 8)
            #expect(stage.judge.recorded.count == 1 && stage.judge.asked.count == 1)
        }
    }

    @Test func itsFirstBytesArriveHoweverTheyCome() async throws {
        try await Stage.with { stage in
            var hello = Hello("Host.Test")
            hello.recordSize = 20
            let (client, host) = try await stage.tunnel()
            for byte in hello.bytes { try await client.send([byte]) }
            #expect(try await host.receive(count: hello.bytes.count) == hello.bytes)
            // Together with the request, too.
            let eager = try stage.connect()
            try await eager.send(
                Array("CONNECT \(stage.at()) HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n".utf8) + hello.bytes)
            let second = try await stage.host.next()
            #expect(try await second.receive(count: hello.bytes.count) == hello.bytes)
        }
    }

    static var refused: [(String, [UInt8])] {
        var hidden = Hello("host.test")
        hidden.extensions = [(0xFE0D, [0])]
        var two = Hello("host.test")
        two.names = [Array("host.test".utf8), Array("other.test".utf8)]
        var scattered = Hello("other.test")
        scattered.recordSize = 9
        return [
            ("another host", Hello("other.test").bytes), ("a host below", Hello("x.host.test").bytes),
            ("no name", Hello(nil).bytes),
            ("an encrypted name", hidden.bytes), ("two names", two.bytes),
            ("a trailing dot", Hello("host.test.").bytes),
            ("another host in pieces", scattered.bytes), ("an address", Hello("127.0.0.1").bytes),
            ("HTTP", Array("GET / HTTP/1.1\r\nHost: host.test\r\n\r\n".utf8)), ("SSH", Array("SSH-2.0-x\r\n".utf8)),
            ("nonsense in a record", [22, 3, 1, 0, 4, 2, 0, 0, 0]),
        ]
    }

    @Test(arguments: refused)
    func whatIsNotForItsHostGoesNowhere(_ what: String, _ bytes: [UInt8]) async throws {
        try await Stage.with { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(bytes)
            #expect(try await host.receiveAll().isEmpty, "\(what)")
            let said = try await client.receiveAll()
            let isTLS = bytes.first == 22
            #expect(isTLS ? said == [21, 3, 3, 0, 2, 2, 112] : said.starts(with: "HTTP/1.1 403 ".utf8))
            let record = try await stage.judge.next()
            #expect(record.refusal != nil && record.bytesUp == 0 && record.rule == "the test's")
            #expect(stage.judge.recorded.count == 1)
        }
    }

    @Test func anEntryMayAllowUnnamedOnesButNotAnotherHosts() async throws {
        var hidden = Hello("outer.test")
        hidden.extensions = [(0xFE0D, [0])]
        let allowed = [Hello("host.test").bytes, Hello(nil).bytes, hidden.bytes, Array("SSH-2.0-x\r\n".utf8)]
        try await Stage.with(decision: { _ in Judge.allowedUnnamed }) { stage in
            for bytes in allowed {
                let (client, host) = try await stage.tunnel()
                try await client.send(bytes)
                #expect(try await host.receive(count: bytes.count) == bytes)
            }
            let (client, host) = try await stage.tunnel()
            try await client.send(Hello("other.test").bytes)
            #expect(try await host.receiveAll().isEmpty)
            #expect(try await client.receiveAll() == [21, 3, 3, 0, 2, 2, 112])
            // Who waits for the host's first word gets it.
            let (quiet, speaker) = try await stage.tunnel()
            try await speaker.send("220 ready\r\n")
            #expect(try await quiet.receive(count: 11) == Array("220 ready\r\n".utf8))
            try await quiet.send("EHLO x\r\n")
            #expect(try await speaker.receive(count: 8) == Array("EHLO x\r\n".utf8))
        }
    }

    @Test func itsFirstBytesHaveADeadline() async throws {
        var limits = EgressLimits()
        limits.headDeadline = .milliseconds(200)
        try await Stage.with(limits: limits) { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(Array(Hello("host.test").bytes.dropLast()))
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await host.receiveAll().isEmpty)
            #expect(try await stage.judge.next().refusal?.contains("in time") == true)
        }
    }

    @Test func alreadyGoneIsNoRefusal() async throws {
        try await Stage.with { stage in
            let (client, host) = try await stage.tunnel()
            client.vanish()
            #expect(try await host.receiveAll().isEmpty)
            let record = try await stage.judge.next()
            #expect(record.refusal == nil && record.end != nil)
        }
    }

    @Test func aClientThatLeavesTakesItsHostAlong() async throws {
        try await Stage.with { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(Hello("host.test").bytes)
            _ = try await host.receive(count: Hello("host.test").bytes.count)
            client.vanish()
            #expect(try await host.receiveAll().isEmpty)
            #expect(try await stage.judge.next().refusal == nil)
        }
    }

    @Test func aHostThatBreaksIsSaidSo() async throws {
        try await Stage.with { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(Hello("host.test").bytes)
            _ = try await host.receive(count: Hello("host.test").bytes.count)
            host.vanish()
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end == "the host broke the connection")
        }
    }

    @Test func muchPassesUnchangedAndNeverPilesUp() async throws {
        var limits = EgressLimits()
        limits.bytesUp = 64 << 20
        try await Stage.with(limits: limits) { stage in
            let (client, host) = try await stage.tunnel()
            let hello = Hello("host.test").bytes
            try await client.send(hello)
            _ = try await host.receive(count: hello.count)
            var block = [UInt8](repeating: 0, count: 1 << 20)
            for index in block.indices { block[index] = UInt8(truncatingIfNeeded: index &* 31) }
            let sent = block
            async let writing: Void = {
                for _ in 0..<24 { try await client.send(sent) }
                client.finish()
            }()
            async let answering: Void = {
                for _ in 0..<24 { try await host.send(sent) }
                host.finish()
            }()
            async let arrived = host.receiveAll()
            async let answered = client.receiveAll()
            _ = try await (writing, answering)
            let (up, down) = try await (arrived, answered)
            #expect(up.count == 24 << 20 && down.count == 24 << 20)
            for start in stride(from: 0, to: up.count, by: sent.count) {
                #expect(up[start..<start + sent.count].elementsEqual(sent))
            }
            #expect(Array(down.suffix(sent.count)) == sent)
            let record = try await stage.judge.next()
            #expect(record.bytesUp == Int64(hello.count + (24 << 20)) && record.bytesDown == 24 << 20)
        }
    }
}
