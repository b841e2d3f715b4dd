internal import Model

extension EgressProxy {
    /// In a task that nobody cancels: what has happened is recorded also when everything is being stopped.
    nonisolated func record(_ connection: EgressConnection) async {
        let authority = authority
        await Task { await authority.record(connection) }.value
    }

    /// At once, and then once a second until no more are turned away: a flood is a line a second, not a line each.
    nonisolated func tellOfTurnedAway(_ door: EgressDoor) async {
        while let count = door.meter.takeTurnedAway() {
            await record(turnedAway(count, session: door.session, door: door.name))
            // Where all is being stopped, what is left is told with the rest that is untold.
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    nonisolated func tellOfUntold(_ meter: SessionMeter, session: SessionID) async {
        let count = meter.untold()
        if count > 0 { await record(turnedAway(count, session: session, door: .workspace)) }
    }

    private nonisolated func turnedAway(_ count: Int, session: SessionID, door: EgressDoorName) -> EgressConnection {
        EgressConnection(
            session: session, door: door, asked: "",
            refusal:
                "\(count == 1 ? "A connection was" : "\(count) connections were") turned away: the session may have "
                + "\(limits.connections) at once and make \(limits.connectionsPerSecond) a second.")
    }
}
