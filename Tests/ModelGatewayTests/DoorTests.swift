import Foundation
import Glibc
import MCP
import Model
import Testing

@testable import ModelGateway

/// The door itself: HTTP as written by somebody who means no good.
@Suite struct DoorTests {
    @Test func anUnassignedDoorRefusesEverything() async throws {
        try await OpenGateway.with(assigned: false) { open in
            for path in ["/v1/messages", "/v1/messages/count_tokens", "/nowhere"] {
                let reply = try await open.ask(question(), path: path)
                #expect(reply.status == 403)
                #expect(reply.errorType == "permission_error")
            }
            await open.gateway.assign(open.compartment, to: open.session)
            #expect(try await open.ask(question("say hi")).status == 200)
            await open.gateway.unassign(open.compartment)
            #expect(try await open.ask(question("say hi")).status == 403)
        }
    }

    @Test(arguments: [
        ("POST", "/v1/messages?beta=true", 200), ("POST", "/v1/messages?", 200),
        ("POST", "/v1/messages?beta=false", 400),
        ("POST", "/v1/messages?beta=true&x=1", 400), ("POST", "/v1/messages?x", 400), ("GET", "/v1/messages", 405),
        ("POST", "/v1/messages/", 404), ("POST", "/v1/messages/batches", 404), ("POST", "/v1/files", 404),
        ("GET", "/", 404), ("POST", "//v1/messages", 404), ("POST", "/v1/%6dessages", 404), ("GET", "/api/hello", 200),
        ("POST", "http://elsewhere/v1/messages", 404), ("DELETE", "/api/hello", 405),
        ("POST", "/v1/messages/count_tokens?beta=true", 200),
    ])
    func servesItsPathsAndNoOthers(method: String, target: String, status: Int) async throws {
        try await OpenGateway.with { open in
            let reply = try await open.ask(
                raw: OpenGateway.request(question("say hi").serialized(), path: target, method: method))
            #expect(reply.status == status)
            if status != 200 { #expect(reply.errorMessage.contains(" ")) }
        }
    }

    @Test func helloHasNoBody() async throws {
        try await OpenGateway.with { open in
            let socket = try open.connect()
            for _ in 0..<3 {
                try await socket.send(OpenGateway.request([], path: "/api/hello", method: "HEAD"))
                #expect(try await socket.readReply(toHead: true).status == 200)
            }
            // A refusal without a body either: the connection goes on in step.
            try await socket.send(OpenGateway.request([], path: "/nowhere", method: "HEAD"))
            #expect(try await socket.readReply(toHead: true).status == 404)
            try await socket.send(OpenGateway.request(question("say hi")))
            #expect(try await socket.readReply().status == 200)
        }
    }

    @Test func aConnectionServesManyRequests() async throws {
        try await OpenGateway.with { open in
            let socket = try open.connect()
            for number in 0..<20 {
                try await socket.send(OpenGateway.request(question("say \(number)", stream: number % 2 == 0)))
                let reply = try await socket.readReply()
                #expect(reply.text.contains("\(number)"))
            }
            try await socket.send(OpenGateway.request(question("say bye"), headers: ["connection": "close"]))
            #expect(try await socket.readReply().headers["connection"] == "close")
            #expect(try await socket.receive().isEmpty)
        }
    }

    @Test func tooLargeIsSaidBeforeItIsRead() async throws {
        var configuration = GatewayConfiguration.offline
        configuration.limits.maximumBodyBytes = 1000
        try await OpenGateway.with(configuration) { open in
            let announced = "POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n"
            #expect(try await open.ask(raw: Array(announced.utf8)).status == 413)
            let chunk = "400\r\n" + String(repeating: " ", count: 1024) + "\r\n"
            let chunked = "POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + chunk
            let reply = try await open.ask(raw: Array(chunked.utf8))
            #expect(reply.status == 413)
            #expect(reply.errorType == "request_too_large")
        }
    }

    @Test func expectationsAreMet() async throws {
        try await OpenGateway.with { open in
            let body = question("say hi").serialized()
            let socket = try open.connect()
            let head =
                "POST /v1/messages HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: \(body.count)\r\n\r\n"
            try await socket.send(Array(head.utf8))
            #expect(String(decoding: try await socket.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 100 "))
            try await socket.send(body)
            #expect(try await socket.readReply().status == 200)
        }
    }

    @Test(arguments: [
        "\r\n\r\n\u{0}\u{1}", "GET\r\n\r\n", "POST /v1/messages HTTP/9.9\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nbad header\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx",
        "POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "POST /v1/messages HTTP/1.1\r\nx: " + String(repeating: "a", count: 100_000) + "\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 200) + "\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}",
    ])
    func whatIsNoRequestEndsTheConnection(text: String) async throws {
        try await OpenGateway.with { open in
            let socket = try open.connect()
            try? await socket.send(Array(text.utf8))
            shutdown(socket.descriptor, CInt(SHUT_WR))
            let answer = String(decoding: try await socket.receiveAll(), as: UTF8.self)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "))
            #expect(try await open.ask(question("say hi")).status == 200)
        }
    }

    @Test func randomBytesDoNoHarm() async throws {
        try await OpenGateway.with { open in
            var generator = SplitMix(state: 11)
            for _ in 0..<200 {
                var bytes = OpenGateway.request(question("say hi"))
                for _ in 0..<(1 + generator.below(8)) {
                    bytes[generator.below(bytes.count)] = UInt8(truncatingIfNeeded: generator.next())
                }
                let socket = try open.connect()
                try? await socket.send(bytes)
                shutdown(socket.descriptor, CInt(SHUT_WR))
                _ = try await socket.receiveAll()
            }
            #expect(try await open.ask(question("say hi")).status == 200)
        }
    }

    @Test func pipeliningClosesTheConnection() async throws {
        try await OpenGateway.with(scenario: "hang") { open, simulator, instance in
            let socket = try open.connect()
            try await socket.send(OpenGateway.request(question()))
            #expect(try await simulator.wait(for: "request", instance))
            try await socket.send(OpenGateway.request(question()))
            #expect(try await socket.receiveAll().isEmpty)
            #expect(try await simulator.wait(for: "disconnect", instance))
            #expect(try await simulator.requests(instance).count == 1)
        }
    }

    @Test func aHalfSentRequestHasADeadline() async throws {
        var configuration = GatewayConfiguration.offline
        configuration.limits.requestDeadline = .milliseconds(100)
        configuration.limits.connectionIdle = .milliseconds(200)
        try await OpenGateway.with(configuration) { open in
            let half = try open.connect()
            try await half.send(Array("POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{".utf8))
            #expect(try await half.receive().isEmpty)
            let idle = try open.connect()
            #expect(try await idle.receive().isEmpty)
        }
    }

    @Test func aClientThatDoesNotReadIsLeft() async throws {
        var limits = GatewayLimits()
        limits.writeDeadline = .milliseconds(200)
        try await OpenGateway.with(scenario: "never_ends:0", limits: limits, realTime: true) {
            open, simulator, instance in
            let socket = try open.connect()
            try await socket.send(OpenGateway.request(question(stream: true)))
            #expect(try await simulator.wait(for: "disconnect", instance))
            let endings = await open.journal.endings()
            #expect(endings == [.cancelled])
            withExtendedLifetime(socket) {}
        }
    }

    @Test func connectionsOfADoorAreBounded() async throws {
        try await OpenGateway.with { open in
            var sockets: [BlockingSocket] = []
            for _ in 0..<16 {
                let socket = try open.connect()
                try await socket.send(OpenGateway.request(question("say hi")))
                _ = try await socket.readReply()
                sockets.append(socket)
            }
            let onTop = try open.connect()
            #expect(try await onTop.receive().isEmpty)
            sockets.removeAll()
            // The gateway hears of the departures in its own time.
            for _ in 0..<1000 {
                let socket = try open.connect()
                try? await socket.send(OpenGateway.request(question("say hi")))
                if let reply = try? await socket.readReply() {
                    #expect(reply.status == 200)
                    return
                }
            }
            Issue.record("no connection was served again")
        }
    }

    @Test func anotherUserIsNotServed() async throws {
        try await OpenGateway.with(expectedUser: getuid() &+ 1) { open in
            let socket = try open.connect()
            try? await socket.send(OpenGateway.request(question("say hi")))
            #expect(try await socket.receiveAll().isEmpty)
        }
        try await OpenGateway.with(expectedUser: getuid()) { open in
            let reply = try await open.ask(question("say hi"))
            #expect(reply.status == 200)
        }
    }

    @Test func aClosedDoorIsClosed() async throws {
        try await OpenGateway.with { open in
            let socket = try open.connect()
            try await socket.send(OpenGateway.request(question("say hi")))
            _ = try await socket.readReply()
            await open.gateway.close(open.compartment)
            #expect(try await socket.receive().isEmpty)
            #expect(throws: BlockingSocket.Failure.self) { try open.connect() }
        }
    }

    @Test func oneDoorForACompartment() async throws {
        try await OpenGateway.with { open in
            let path = open.path + "2"
            let descriptor = try UnixAddress.listen(at: path)
            await #expect(throws: GatewayError.self) {
                try await open.gateway.open(door: descriptor, compartment: open.compartment)
            }
        }
    }

    @Test func manyDoorsAreCheap() async throws {
        try await OpenGateway.with { open in
            let folder = open.path + ".d"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for number in 0..<300 {
                let compartment = CompartmentID(trusted: "many\(number)")
                try await open.gateway.open(
                    door: try UnixAddress.listen(at: "\(folder)/\(number)"), compartment: compartment)
                await open.gateway.assign(compartment, to: open.session)
            }
            for number in [0, 150, 299] {
                let socket = try BlockingSocket(unix: "\(folder)/\(number)")
                try await socket.send(OpenGateway.request(question("say hi")))
                #expect(try await socket.readReply().status == 200)
            }
            for number in 0..<300 { await open.gateway.close(CompartmentID(trusted: "many\(number)")) }
        }
    }

    @Test func aTierMustHaveAProvider() {
        let configuration = GatewayConfiguration(
            tiers: [.fast: ModelTarget(provider: "nobody", model: "m")], providers: [:])
        #expect(throws: GatewayError.self) { try ModelGateway(configuration: configuration, recorder: Journal()) }
    }

    @Test func aTierWithoutAModelIsTold() async throws {
        try await OpenGateway.with { open in
            var turn = open.turn
            turn.tier = ModelTier(rawValue: "unheard-of")
            await open.gateway.grant(turn, to: open.session.session)
            let reply = try await open.ask(question("say hi"))
            #expect(reply.status == 503)
            #expect(reply.errorMessage.contains("unheard-of"))
        }
    }
}
