package import Egress
internal import Glibc
internal import Logging
package import Model
package import NetworkRules
internal import Store

// Sandboxes and their doors.
extension EgressDesk {
    /// A session has a compartment: its containers have a door from their start, where something is granted.
    func attach(_ session: SessionID, _ compartment: any SessionCompartment) async {
        sandboxes[session] = Sandbox(compartment: compartment)
        await reconsider()
    }

    /// The session is over: nothing of it reaches anything when this returns.
    func detach(_ session: SessionID) async {
        sandboxes[session] = nil
        errands[session] = nil
        await doors?.end(session)
    }

    /// Before a sandbox is used, or given what is private: nothing is open for it any more where it has seen such.
    func settle(_ session: SessionID) async throws {
        guard sandboxes[session]?.hasDoor == true || errands[session] != nil else { return }
        guard try await database.session(session)?.labels.contains(.private) != false else { return }
        await shut(session)
    }

    /// Whether the session's containers have a door now.
    func hasDoor(_ session: SessionID) -> Bool { sandboxes[session]?.hasDoor ?? false }

    private func shut(_ session: SessionID) async {
        await doors?.close(session, name: .workspace)
        for name in Array((errands[session] ?? [:]).keys) { await doors?.close(session, name: name) }
        await reconsider()
    }

    /// A container's door, as it is made. Closed again where it is not wanted any more by then.
    func serve(_ listening: CInt, _ session: SessionID) async {
        guard let doors, sandboxes[session]?.hasDoor == true,
            (try? await database.session(session)?.labels.contains(.private)) == false
        else {
            close(listening)
            return
        }
        // The door of a container that is no more.
        await doors.close(session, name: .workspace)
        do {
            try await doors.open(door: listening, for: session, name: .workspace)
        } catch {
            logger.warning(
                "an egress door is not served", metadata: ["session": "\(session)", "error": "\(error)"])
        }
    }

    // MARK: Commands that run apart

    /// A door that leads to `entries` and nowhere else, whatever the session was granted: for one command with secrets.
    /// Denials, pauses and private sessions hold for it too. To be closed with `closeErrand`.
    package func openErrand(
        _ name: EgressDoorName, of session: SessionID, to entries: [EgressEntry], listening: CInt
    ) async throws {
        guard let doors, name != .workspace, errands[session]?[name] == nil else {
            close(listening)
            throw ChatError(.unavailable, "The command's own way to the network could not be opened.")
        }
        errands[session, default: [:]][name] = entries
        do {
            try await doors.open(door: listening, for: session, name: name)
        } catch {
            await closeErrand(name, of: session)
            throw error
        }
    }

    package func closeErrand(_ name: EgressDoorName, of session: SessionID) async {
        errands[session]?[name] = nil
        if errands[session]?.isEmpty == true { errands[session] = nil }
        await doors?.close(session, name: name)
    }
}
