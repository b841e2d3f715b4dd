import Conversations
import Foundation
import MCP
import Model
import Store
import Synchronization
import Testing

/// Ends are where work is lost, or waited for in vain.
@Suite(.timeLimit(.minutes(5))) struct StoppingTests {
    /// Gives a compartment only once the service is on its way out.
    private final class Late: CompartmentSource {
        let scripted: ScriptedCompartments
        let isStopping: Mutex<@Sendable () async -> Bool> = Mutex { false }
        let hasBegun = Reloadable(false)

        init(_ scripted: ScriptedCompartments) { self.scripted = scripted }

        func take(for session: SessionID) async throws -> any SessionCompartment {
            hasBegun.replace(with: true)
            while await !isStopping.withLock({ $0 })() { await Task.yield() }
            return try await scripted.take(for: session)
        }

        func discardScratch(of session: SessionID) async throws {}
        func scratches(after session: SessionID?) async throws -> [SessionID] { [] }
    }

    /// What fails because we go away is no answer to a question: it waits for the next start, and holds up no end.
    @Test func aTurnThatIsBeingBegunAtTheEndIsKeptForTheNextStart() async throws {
        let late = Mutex<Late?>(nil)
        let stage = try await Stage(compartments: { scripted in
            let source = Late(scripted)
            late.withLock { $0 = source }
            return source
        }) { agent in _ = try await agent.receive() }
        let source = try #require(late.withLock { $0 })
        let ada = try await stage.person("Ada")
        let dm = try await stage.dm(of: ada)
        source.isStopping.withLock { probe in
            probe = {
                do {
                    _ = try await stage.say("", by: ada, in: dm)
                    return false
                } catch {
                    return (error as? ChatError)?.code == .unavailable
                }
            }
        }
        let hasEnded = Reloadable(false)
        let running = Task {
            try await stage.run { stage in
                _ = try await stage.say("hello", by: ada, in: dm)
                while !source.hasBegun.current { await Task.yield() }
            }
            hasEnded.replace(with: true)
        }
        let deadline = ContinuousClock.now + .seconds(20)
        while !hasEnded.current, ContinuousClock.now < deadline { await Task.yield() }
        #expect(hasEnded.current, "the service never ended")
        guard hasEnded.current else { return }
        try await running.value
        // Nothing is lost: it waits for the next start.
        let conversation = try #require(try await stage.database.conversationsWithPending().first)
        #expect(try await stage.database.pending(in: conversation).map(\.text) == ["hello"])
    }

    /// Remembers what scratch there is.
    private final class Volumes: CompartmentSource {
        let scripted: ScriptedCompartments
        let there: Mutex<[SessionID]>
        let isReachable = Reloadable(true)
        /// Whether what is there can be asked for.
        let isListed = Reloadable(true)

        init(_ scripted: ScriptedCompartments, there: [SessionID] = []) {
            self.scripted = scripted
            self.there = Mutex(there)
        }

        func take(for session: SessionID) async throws -> any SessionCompartment {
            there.withLock { $0 = ($0 + [session]).sorted() }
            return try await scripted.take(for: session)
        }

        func discardScratch(of session: SessionID) async throws {
            guard isReachable.current else { throw ChatError(.unavailable, "no broker") }
            there.withLock { $0.removeAll { $0 == session } }
        }

        func scratches(after session: SessionID?) async throws -> [SessionID] {
            guard isReachable.current else { throw ChatError(.unavailable, "no broker") }
            guard isListed.current else { return [] }
            return there.withLock { all in Array(all.filter { $0 > session ?? SessionID(trusted: "") }.prefix(2)) }
        }
    }

    @Test func aSessionsScratchGoesWithIt() async throws {
        let volumes = Mutex<Volumes?>(nil)
        let stage = try await Stage(compartments: { scripted in
            let source = Volumes(scripted)
            volumes.withLock { $0 = source }
            return source
        }) { agent in
            _ = try await agent.receive()
            try await agent.reply("ok")
        }
        let source = try #require(volumes.withLock { $0 })
        source.isListed.replace(with: false)
        try await stage.run { stage in
            let ada = try await stage.person("Ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            _ = try await stage.answer(in: receipt.conversation, for: ada)
            // The agent leaves after its answer, and with it the session; before the next start looks for what is left.
            let deadline = ContinuousClock.now + .seconds(20)
            while !source.there.withLock({ $0.isEmpty }), ContinuousClock.now < deadline { await Task.yield() }
            #expect(source.there.withLock { $0.isEmpty })
        }
    }

    /// Removed are those of sessions that the store knows to be over; however many, and once somebody answers.
    @Test func whatACrashLeftIsRemovedAtTheNextStart() async throws {
        let volumes = Mutex<Volumes?>(nil)
        let stage = try await Stage(compartments: { scripted in
            let source = Volumes(scripted)
            volumes.withLock { $0 = source }
            return source
        }) { _ in }
        let source = try #require(volumes.withLock { $0 })
        let ada = try await stage.person("Ada")
        var over: [SessionID] = []
        for number in 0..<7 {
            let message = try await stage.database.acceptInbound(
                InboundDraft(
                    channel: try await stage.dm(of: ada), author: ada, text: "x", surface: "test",
                    eventID: "\(number)")
            ).message
            _ = try await stage.database.cancelPending(in: message.conversation, author: ada)
            over.append(
                try await stage.database.startSession(conversation: message.conversation, requester: ada).id)
        }
        let stranger = SessionID(trusted: "0-not-ours")
        source.there.withLock { [over] in $0 = ([stranger] + over).sorted() }
        source.isReachable.replace(with: false)
        try await stage.run { stage in
            // The service looks for scratch once it has ended the sessions of before.
            while try await !stage.database.openSessions().isEmpty { await Task.yield() }
            await stage.service.discardLeftScratch()
            #expect(source.there.withLock { $0.count } == 8)
            source.isReachable.replace(with: true)
            await stage.service.discardLeftScratch()
            #expect(source.there.withLock { $0 } == [stranger])
        }
    }
}
