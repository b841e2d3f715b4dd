import Dispatch
import Foundation
import Glibc
import Testing
import WorkspaceTools

/// The loopback port and the door behind it, with real sockets.
struct ForwarderTests {
    @Test(arguments: [
        "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", "GET http://a.b/ HTTP/1.1\r\n\r\n", "",
    ])
    func withoutADoorTheAnswerSaysSo(request: String) throws {
        let forwarder = try Forwarder(port: 0, door: "/nonexistent/egress.sock")
        defer { forwarder.stop() }
        let answer = try Wire.exchange(port: forwarder.port, Array(request.utf8), finish: request.isEmpty)
        #expect(answer.hasPrefix("HTTP/1.1 403 No network is granted here"), "\(answer)")
        #expect(answer.contains("egress_request") && answer.contains("administrator"), "\(answer)")
    }

    @Test func aDoorNobodyServesIsNoDoor() throws {
        let door = try Door()
        let forwarder = try Forwarder(port: 0, door: door.path)
        defer { forwarder.stop() }
        close(door.listener)
        #expect(try Wire.exchange(port: forwarder.port, Array("GET / HTTP/1.1\r\n\r\n".utf8)).hasPrefix("HTTP/1.1 403"))
    }

    @Test func bytesGoBothWaysToTheLastAndTheEndIsPassedOn() throws {
        let door = try Door()
        let forwarder = try Forwarder(port: 0, door: door.path)
        defer { forwarder.stop() }
        door.serve { connection in
            // Answers only once it has seen the end of what is sent: half-closing works.
            let all = Wire.readAll(connection)
            Wire.write(connection, Array(all.reversed()))
        }
        var bytes = [UInt8](repeating: 0, count: 5 << 20)
        for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index >> 13) }
        let back = try Wire.bytes(port: forwarder.port, bytes, finish: true)
        #expect(back == bytes.reversed())
    }

    /// More connections than are carried at once wait, and none is lost.
    @Test func aFloodIsWorkedOff() throws {
        let door = try Door()
        let forwarder = try Forwarder(port: 0, door: door.path)
        defer { forwarder.stop() }
        door.serve { connection in
            _ = Wire.readHead(connection)
            Wire.write(connection, Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8))
        }
        let count = Forwarder.maximumConnections * 3
        let sockets = try (0..<count).map { _ in try Wire.connect(forwarder.port) }
        for socket in sockets { Wire.write(socket, Array("GET http://x/ HTTP/1.1\r\n\r\n".utf8)) }
        var answered = 0
        for socket in sockets {
            if String(decoding: Wire.readAll(socket), as: UTF8.self).hasSuffix("ok") { answered += 1 }
            close(socket)
        }
        #expect(answered == count)
    }

    /// Connections that say nothing take places from each other, and give them back.
    @Test func idleConnectionsGiveTheirPlacesBackWhenTheyGo() throws {
        let door = try Door()
        let forwarder = try Forwarder(port: 0, door: door.path)
        defer { forwarder.stop() }
        door.serve { connection in
            guard !Wire.readHead(connection).isEmpty else { return }
            Wire.write(connection, Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8))
        }
        let idle = try (0..<Forwarder.maximumConnections).map { _ in try Wire.connect(forwarder.port) }
        let waiting = try Wire.connect(forwarder.port)
        Wire.write(waiting, Array("GET http://x/ HTTP/1.1\r\n\r\n".utf8))
        #expect(!Wire.isReadable(waiting, milliseconds: 200))
        for socket in idle { close(socket) }
        #expect(String(decoding: Wire.readAll(waiting), as: UTF8.self).hasSuffix("ok"))
        close(waiting)
    }

    @Test func aProgramThatResetsItsConnectionEndsItAtTheDoorToo() throws {
        let door = try Door()
        let forwarder = try Forwarder(port: 0, door: door.path)
        defer { forwarder.stop() }
        let ended = DispatchSemaphore(value: 0)
        door.serve { connection in
            _ = Wire.readAll(connection)
            ended.signal()
        }
        let socket = try Wire.connect(forwarder.port)
        Wire.write(socket, [1, 2, 3])
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
        close(socket)
        #expect(ended.wait(timeout: .now() + 10) == .success)
    }

    /// A sibling of the same uid cannot share the port, whatever it asks of the kernel.
    @Test func whoHasThePortHasItAlone() throws {
        let forwarder = try Forwarder(port: 0, door: "/nonexistent")
        defer { forwarder.stop() }
        #expect(throws: ToolProblem.self) { try Forwarder(port: forwarder.port, door: "/nonexistent") }
        for address in [UInt32(0x7F00_0001), 0] {
            let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            var yes: CInt = 1
            for option in [SO_REUSEADDR, SO_REUSEPORT] {
                setsockopt(socket, SOL_SOCKET, option, &yes, socklen_t(MemoryLayout<CInt>.size))
            }
            #expect(Wire.with(forwarder.port, address) { bind(socket, $0, $1) } != 0)
        }
        // The other way round: taken before, it says so.
        let taken = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(taken) }
        #expect(Wire.with(0) { bind(taken, $0, $1) } == 0 && listen(taken, 1) == 0)
        #expect(throws: ToolProblem.self) { try Forwarder(port: Wire.port(of: taken), door: "/nonexistent") }
    }

    @Test func theEnvironmentNamesTheProxyInEverySpelling() {
        let environment = ProxyAddress.environment(port: 4711)
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            #expect(environment[name] == "http://127.0.0.1:4711")
        }
        #expect(environment["NO_PROXY"] == "localhost,127.0.0.1,::1" && environment["no_proxy"] != nil)
    }
}
