package import Audit
import MCP
package import Model
package import Store
import Synchronization

/// What is paused now. Stored, so that a restart resumes nothing; held here, so that every call can be checked.
package final class PauseBoard: Sendable {
    private let database: Database
    private let audit: AuditLog
    private let state: Mutex<[Pause]>
    /// Changes follow each other: of two at once the later reading would not be sure to win.
    private let lastChange = Mutex<Task<Void, Never>?>(nil)

    /// Throws where the store holds a pause this version does not know: what somebody stopped must not run.
    package static func open(_ database: Database, audit: AuditLog) async throws -> PauseBoard {
        PauseBoard(database, audit, try await read(database))
    }

    private init(_ database: Database, _ audit: AuditLog, _ pauses: [Pause]) {
        self.database = database
        self.audit = audit
        state = Mutex(pauses)
    }

    package var current: [Pause] { state.withLock { $0 } }

    package func pause(person: PersonID, onBehalfBy: PersonID?, channel: ChannelID) -> Pause? {
        state.withLock { $0.first { $0.scope.covers(person: person, onBehalfBy: onBehalfBy, channel: channel) } }
    }

    func pause(of request: CallRequest) -> Pause? {
        state.withLock { $0.first { $0.scope.covers(request) } }
    }

    /// Holds from when this returns, for good until `resume`. Who may is the caller's to decide.
    package func pause(_ scope: PauseScope, by person: PersonID, reason: String) async throws {
        // What could not be read again would keep the gate shut for good.
        guard PauseScope(scope.text) == scope else {
            throw StoreError(.invalid, "That is nothing that can be paused: \(scope.text.cut(to: 100)).")
        }
        try await inOrder { board in
            try await board.database.addPause(scope.text, by: person, reason: reason)
            try await board.refresh()
        }
        try await audit.event(
            "pause.began", subject: AuditSubject(requester: person),
            details: ["scope": .string(scope.text), "reason": .string(reason.cut(to: 500))])
    }

    /// False where that was not paused. On record first: what cannot be recorded does not begin again.
    package func resume(_ scope: PauseScope, by person: PersonID) async throws -> Bool {
        guard current.contains(where: { $0.scope == scope }) else { return false }
        try await audit.event(
            "pause.ended", subject: AuditSubject(requester: person), details: ["scope": .string(scope.text)])
        return try await inOrder { board in
            let wasPaused = try await board.database.removePause(scope.text)
            try await board.refresh()
            return wasPaused
        }
    }

    /// Done as a whole even where the caller is cancelled.
    private func inOrder<Value: Sendable>(
        _ change: @escaping @Sendable (PauseBoard) async throws -> Value
    ) async throws -> Value {
        let task = lastChange.withLock { last in
            let task = Task { [last] in
                await last?.value
                return try await change(self)
            }
            last = Task { _ = try? await task.value }
            return task
        }
        return try await task.value
    }

    private func refresh() async throws {
        let pauses = try await Self.read(database)
        state.withLock { $0 = pauses }
    }

    private static func read(_ database: Database) async throws -> [Pause] {
        try await database.pauses().map { record in
            guard let pause = Pause(record) else {
                throw StoreError(.newer, "The database holds a pause this version does not know: \(record.scope).")
            }
            return pause
        }
    }
}
