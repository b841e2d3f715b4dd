import NetworkRules
import Testing

@testable import Egress

@Suite struct ClientHelloTests {
    private let host: HostName

    init() throws {
        host = try "host.test".asHost
    }

    @Test func namesItsHost() {
        #expect(ClientHello(Hello("host.test").bytes) == .named(host))
        #expect(ClientHello(Hello("HOST.Test").bytes) == .named(host))
    }

    @Test(arguments: [1, 2, 3, 5, 40, 100])
    func isPutTogetherFromItsRecords(_ size: Int) {
        var hello = Hello("host.test")
        hello.recordSize = max(size, hello.message.count / 60 + 1)
        #expect(ClientHello(hello.bytes) == .named(host))
    }

    @Test func isWaitedForToItsLastByte() {
        var hello = Hello("host.test")
        hello.recordSize = 50
        let bytes = hello.bytes
        for count in 0..<bytes.count { #expect(ClientHello(bytes.prefix(count)) == nil) }
        // What follows in records of its own is not looked at: early data.
        #expect(ClientHello(bytes + [23, 3, 3, 0, 1, 0]) == .named(host))
    }

    @Test func withoutANameItIsUnnamed() {
        #expect(ClientHello(Hello(nil).bytes) == .unnamed)
        // One without extensions at all.
        let body: [UInt8] = [3, 3] + [UInt8](repeating: 0, count: 32) + [0, 0, 2, 1, 2, 1, 0]
        let message: [UInt8] = [1] + Hello.vector(body, 3)
        #expect(ClientHello([22, 3, 1] + Hello.vector(message, 2)) == .unnamed)
    }

    @Test(arguments: [0xFE0D, 0xFFCE, 0xFE08, 0xFE0C])
    func anEncryptedNameIsHiddenWhateverTheVisibleOne(_ kind: Int) {
        for name in ["host.test", nil] {
            var hello = Hello(name)
            hello.extensions = [(0x002B, [2, 3, 4]), (kind, [0, 1, 2, 3])]
            #expect(ClientHello(hello.bytes) == .hidden)
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "SSH-2.0-x\r\n", "\u{80}", "\0", "EHLO x",
    ])
    func somethingElseIsNoTLS(_ text: String) {
        #expect(ClientHello(Array(text.utf8)) == .notTLS)
    }

    @Test func namesThatCouldBeReadDifferently() {
        let names: [[[UInt8]]] = [
            [], [Array("host.test".utf8), Array("other.test".utf8)], [Array("host.test.".utf8)],
            [Array("host.test\0".utf8)],
            [Array("host.test\0.other.test".utf8)], [Array("127.0.0.1".utf8)], [Array("localhost".utf8)], [[]],
            [Array("hö.test".utf8)], [Array("host.test ".utf8)], [Array("*.test".utf8)], [Array("host_.test".utf8)],
        ]
        for list in names {
            var hello = Hello("x")
            hello.names = list
            guard case .malformed = ClientHello(hello.bytes) else {
                Issue.record("\(list) was taken")
                continue
            }
        }
    }

    @Test func brokenOnes() {
        var twice = Hello("host.test")
        twice.extensions = [(0, Hello.vector([0] + Hello.vector(Array("other.test".utf8), 2), 2))]
        var otherKind = Hello("host.test")
        otherKind.extensions = [(9, [1]), (9, [1])]
        var version = Hello("host.test")
        version.version = [2, 0]
        var many = Hello("host.test")
        many.recordSize = 1
        var broken: [[UInt8]] = [twice.bytes, otherKind.bytes, version.bytes, many.bytes]
        broken.append([22, 3, 1, 0, 0])
        broken.append([22, 3, 1, 0x40, 1])
        broken.append([22, 3, 1, 0, 1, 2])
        broken.append([22, 3, 1, 0, 4, 1, 0xFF, 0xFF, 0xFF])
        let message = Hello("host.test").message
        // A second message in the same record.
        broken.append([22, 3, 1] + Hello.vector(message + Hello("other.test").message, 2))
        // The second record is another kind.
        broken.append([22, 3, 1] + Hello.vector(Array(message.prefix(50)), 2) + [23, 3, 1, 0, 1, 0])
        // Lengths that do not add up.
        broken.append([22, 3, 1] + Hello.vector([1] + Hello.vector(Array(message.dropFirst(4).dropLast(3)), 3), 2))
        for bytes in broken {
            guard case .malformed = ClientHello(bytes) else {
                Issue.record("\(bytes) was taken")
                continue
            }
        }
    }

    @Test func isBounded() {
        var hello = Hello("host.test")
        hello.extensions = [(21, [UInt8](repeating: 0, count: 40_000))]
        guard case .malformed = ClientHello(hello.bytes) else {
            Issue.record("40 kB were taken")
            return
        }
    }
}
