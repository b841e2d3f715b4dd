import CLinux
import Glibc

/// What the forwarder's thread does: waits for everything at once, moves what can be moved, starts over.
struct ForwarderLoop {
    private let listener: OpenFile
    private let door: String
    private let stopping: CancelSignal
    private var connections: [ForwardedConnection] = []
    /// No descriptors left: for this long nobody is let in.
    private var closedUntil = ContinuousClock.now

    init(listener: OpenFile, door: String, stopping: CancelSignal) {
        self.listener = listener
        self.door = door
        self.stopping = stopping
        connections.reserveCapacity(Forwarder.maximumConnections)
    }

    mutating func run() {
        var entries: [pollfd] = []
        entries.reserveCapacity(2 + 2 * Forwarder.maximumConnections)
        while !stopping.isCancelled {
            let now = ContinuousClock.now
            // A full house is looked at again when somebody goes.
            let isOpen = connections.count < Forwarder.maximumConnections && now >= closedUntil
            entries.removeAll(keepingCapacity: true)
            // poll passes over -1.
            entries.append(pollfd(fd: isOpen ? listener.descriptor : -1, events: Int16(POLLIN), revents: 0))
            entries.append(pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0))
            for connection in connections { connection.addEntries(to: &entries) }
            let found = poll(&entries, UInt(entries.count), wait(from: now))
            guard found >= 0 || errno == EINTR else { return }
            for (index, connection) in connections.enumerated() {
                connection.move(client: entries[2 + 2 * index].revents, door: entries[3 + 2 * index].revents)
            }
            let after = ContinuousClock.now
            connections.removeAll { $0.isOver(at: after) }
            if entries[0].revents != 0 { accept() }
        }
    }

    /// Milliseconds to the next deadline.
    private func wait(from now: ContinuousClock.Instant) -> CInt {
        let deadlines = connections.compactMap(\.deadline) + (now < closedUntil ? [closedUntil] : [])
        guard let next = deadlines.min() else { return -1 }
        let left = now.duration(to: next).components
        return CInt(clamping: max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000) + 1)
    }

    /// As many as there is room for.
    private mutating func accept() {
        while connections.count < Forwarder.maximumConnections {
            let client = clinux_accept(listener.descriptor)
            guard client >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                // Level-triggered: without a pause a connection that cannot be taken is a busy loop.
                if errno != EAGAIN { closedUntil = .now + .milliseconds(100) }
                return
            }
            connections.append(ForwardedConnection(client: OpenFile(client), door: door))
        }
    }
}
