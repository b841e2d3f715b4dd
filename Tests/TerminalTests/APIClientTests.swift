import Synchronization
import Terminal
import Testing

@Suite struct APIClientTests {
    private func account(_ reply: StubDaemon.Reply) async throws -> Account {
        let daemon = try StubDaemon { _ in reply }
        return try await APIClient.with(socketPath: daemon.socketPath, patience: .seconds(2)) { try await $0.account() }
    }

    private func failure(_ reply: StubDaemon.Reply) async -> TerminalError? {
        do {
            _ = try await account(reply)
            return nil
        } catch {
            return error as? TerminalError
        }
    }

    @Test func asksWithHostAndPerson() async throws {
        let daemon = try StubDaemon.answering([])
        try await APIClient.with(socketPath: daemon.socketPath, onBehalfOf: "bob") { client in
            #expect(try await client.account().assistant == "Bulkhead")
            let receipt = try await client.submit(
                "hé\"llo", to: "c1", conversation: nil, attachments: ["a1"], clientID: "x1")
            #expect(receipt.conversation == "t1")
        }
        let requests = daemon.requests
        #expect(requests.map(\.target) == ["/api/me", "/api/messages"])
        #expect(requests.allSatisfy { $0.headers["x-bulkhead-as"] == "bob" && $0.headers["host"] == "localhost" })
        #expect(requests[1].body == #"{"channel":"c1","text":"hé\"llo","client_id":"x1","attachments":["a1"]}"#)
    }

    @Test func queriesAreEncoded() async throws {
        let daemon = try StubDaemon { _ in .json(200, #"{"rows":[]}"#) }
        try await APIClient.with(socketPath: daemon.socketPath) { client in
            _ = try await client.auditRows(AuditFilter(after: 5, limit: 10, person: "a b&c=ü", tool: nil))
        }
        #expect(daemon.requests[0].target == "/api/audit?after=5&limit=10&person=a%20b%26c%3D%C3%BC")
    }

    @Test func theDaemonsOwnWordsAreTold() async throws {
        let refused = await failure(.json(403, #"{"error":{"code":"forbidden","message":"You may not."}}"#))
        #expect(refused == TerminalError(.refused, "You may not."))
        let missing = await failure(.json(404, "<html>"))
        #expect(missing?.code == .notFound && missing?.message.contains("GET /api/me") == true)
        let broken = await failure(.json(500, #"{"error":{"message":"Disk full."}}"#))
        #expect(broken?.code == .serverFailure && broken?.message == "Disk full. Its log says more.")
    }

    @Test func anotherServerOrVersionIsNamed() async throws {
        #expect(await failure(.json(200, "<html>hello"))?.code == .protocolMismatch)
        #expect(await failure(.json(200, #"{"person":{"id":1}}"#))?.message.contains("“name”") == true)
        #expect(await failure(.json(200, #"{"person":{"name":"a","name":"b"}}"#))?.code == .protocolMismatch)
        #expect(await failure(.bytes("SSH-2.0-OpenSSH_9.2\r\n")) != nil)
    }

    @Test func aConnectionThatDiesIsTriedAgainOnce() async throws {
        #expect(await failure(.hangUp)?.code == .connectionLost)
        let daemon = try StubDaemon { [tries = Counter()] _ in
            tries.next() == 1
                ? .hangUp
                : .json(
                    200,
                    #"{"person":{"id":"p","name":"anna","role":"owner"},"assistant":{"name":"B","model":"offline"}}"#)
        }
        let account = try await APIClient.with(socketPath: daemon.socketPath) { try await $0.account() }
        #expect(account.name == "anna" && daemon.requests.count == 2)
    }

    @Test func aMissingDaemonIsToldAtOnce() async throws {
        let folder = try TemporaryFolder()
        let missing = await #expect(throws: TerminalError.self) {
            try await APIClient.with(socketPath: folder.path + "/none.sock") { try await $0.account() }
        }
        #expect(missing?.exitStatus == 3 && missing?.message.contains("bulkhead serve") == true)
        try LocalFile.write([], to: folder.path + "/file")
        await #expect(throws: TerminalError.self) {
            try await APIClient.with(socketPath: folder.path + "/file") { try await $0.account() }
        }
        let long = folder.path + "/" + String(repeating: "x", count: 120)
        let tooLong = await #expect(throws: TerminalError.self) {
            try await APIClient.with(socketPath: long) { try await $0.account() }
        }
        #expect(tooLong?.message.contains("107") == true)
    }

    @Test func aDaemonThatDoesNotAnswerIsGivenUp() async throws {
        let daemon = try StubDaemon { _ in .events([], holds: true) }
        let silent = await #expect(throws: TerminalError.self) {
            // The stub answers this with the head of a stream and then nothing.
            try await APIClient.with(socketPath: daemon.socketPath, patience: .milliseconds(300)) {
                try await $0.account()
            }
        }
        #expect(silent?.code == .timedOut)
    }

    @Test func aBrokenStreamGoesOnAfterTheLastEntry() async throws {
        let tries = Counter()
        let daemon = try StubDaemon { _ in
            let number = tries.next()
            return .events(
                [StubDaemon.event("entry", StubDaemon.entry(number, "assistant", "answer \(number)"))],
                holds: number == 3)
        }
        let seen = Mutex<[Int64]>([])
        struct Enough: Error {}
        await #expect(throws: Enough.self) {
            try await APIClient.with(socketPath: daemon.socketPath) { client in
                try await ConversationFollower(client: client, conversation: "t1").run(after: 0) { update in
                    guard case .event(.entry(let entry)) = update else { return }
                    seen.withLock { $0.append(entry.sequence) }
                    if entry.sequence == 3 { throw Enough() }
                }
            }
        }
        #expect(seen.withLock { $0 } == [1, 2, 3])
        #expect(daemon.requests.map(\.target).map { $0.suffix(7) } == ["after=0", "after=1", "after=2"])
    }

    @Test func aThreadThatIsGoneEndsTheFollowing() async throws {
        let daemon = try StubDaemon { _ in .json(404, #"{"error":{"message":"No such thread."}}"#) }
        let error = await #expect(throws: TerminalError.self) {
            try await APIClient.with(socketPath: daemon.socketPath) { client in
                try await ConversationFollower(client: client, conversation: "t1").run(after: 0) { _ in }
            }
        }
        #expect(error?.message == "No such thread.")
    }
}

final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    /// 1, 2, 3 …
    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
}
