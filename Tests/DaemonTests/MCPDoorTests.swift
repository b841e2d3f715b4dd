@testable import Daemon
import Foundation
import MCP
import Testing

@Suite(.timeLimit(.minutes(5))) struct MCPDoorTests {
    @Test func oneUserLeavesTheOthersTheirPlaces() {
        let places = ClientPlaces()
        for _ in 0..<ClientPlaces.perUser { #expect(places.enter(1001) == nil) }
        #expect(places.enter(1001)?.contains("the most one user may have") == true)
        for user in UInt32(2000)..<2003 {
            for _ in 0..<ClientPlaces.perUser { #expect(places.enter(user) == nil) }
        }
        #expect(places.enter(3000)?.contains("all there is room for") == true)
        places.leave(1001)
        #expect(places.enter(3000) == nil)
        places.leave(3000)
        #expect(places.enter(1001) == nil)
        #expect(places.enter(1001)?.contains("the most one user may have") == true)
        // Nobody leaves twice.
        for _ in 0..<10 { places.leave(9) }
        #expect(places.enter(9)?.contains("room") == true)
    }

    /// The refused client reads why, although it has said nothing yet; a place that became free is taken again.
    @Test func theNinthClientIsToldAndComesInLater() async throws {
        let path = NSTemporaryDirectory() + "door-\(UInt32.random(in: 0 ... .max)).sock"
        let (entered, arrival) = AsyncStream.makeStream(of: Void.self)
        let door = MCPDoor(path: path) { peer in
            arrival.yield()
            let transport = DescriptorTransport(reading: peer.descriptor, writing: peer.descriptor)
            do { for try await _ in transport.messages {} } catch {}
            transport.close()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await door.run() }
            var arrivals = entered.makeAsyncIterator()
            var clients: [CInt] = []
            for _ in 0..<ClientPlaces.perUser {
                clients.append(try await connect(path))
                await arrivals.next()
            }
            let refused = try await connect(path)
            let answer = try JSONValue(parsing: Array(line(of: refused).utf8))
            #expect(answer["error"]?.stringValue?.contains("the most one user may have") == true)
            close(refused)
            close(clients.removeLast())
            // Its place is free once its end was noticed.
            var isIn = false
            while !isIn {
                let next = try await connect(path)
                isIn = waits(next)
                if isIn { clients.append(next) } else { close(next) }
            }
            #expect(clients.count == ClientPlaces.perUser)
            for client in clients { close(client) }
            group.cancelAll()
        }
    }

    @Test func aClientThatSaysNothingIsLetGo() async throws {
        let (transport, client) = InMemoryTransport.pair()
        let hello = HelloTransport(transport)
        await #expect(throws: (any Error).self) { _ = try await hello.firstMessage(within: .milliseconds(20)) }
        client.close()
    }

    /// Waits for the socket where the door is still opening.
    private func connect(_ path: String) async throws -> CInt {
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result == 0 { return descriptor }
            close(descriptor)
            guard ContinuousClock.now < deadline else { throw StartError("nothing listens at \(path)") }
            await Task.yield()
        }
    }

    private func line(of descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// True for a client that was let in: nothing comes. One that was refused has its answer at once.
    private func waits(_ descriptor: CInt) -> Bool {
        var watch = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watch, 1, 300) == 0
    }
}
