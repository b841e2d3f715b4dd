internal import BrokerProtocol
internal import CLinux
internal import Dispatch
internal import Glibc
internal import Logging
internal import Synchronization

/// Session volumes on their way out. What is in them was written by hostile code, and is deleted without trusting any of
/// it: by name in an open directory, following no link, entering no mount, at a depth of one however deep it nests, for
/// a subdirectory is moved to the top before it is emptied. So it takes three descriptors and no path.
///
/// Moving a volume here is one rename, which takes it out of reach of later compartments; deleting goes on in the
/// background, a thread's work of bounded time, and after a crash at the next start.
final class DiscardedVolumes: Sendable {
    private static let name = "discarded"

    private let volumes: RootDirectory
    private let logger: Logger
    private let queue = DispatchQueue(label: "broker.discarded", qos: .utility)
    private let state = Mutex((isScheduled: false, isClosed: false))
    /// For one sweep. What is left then is deleted by the next.
    private let patience: Duration = .seconds(300)

    init(beneath volumes: RootDirectory, logger: Logger) {
        self.volumes = volumes
        self.logger = logger
        schedule()
    }

    /// Takes the directory `name` of `parent`. No error where there is none.
    func take(_ name: String, of parent: RootDirectory) throws(BrokerError) {
        let room = try volumes.openOrMake(Self.name, owner: 0, group: 0, mode: 0o700)
        guard renameat(parent.descriptor, name, room.descriptor, Self.freshName()) == 0 || errno == ENOENT else {
            throw BrokerError(.volume, "cannot take \(name) out of the volumes: \(message(errno))")
        }
        schedule()
    }

    /// Stops deleting, and returns when it has stopped.
    func close() {
        state.withLock { $0.isClosed = true }
        queue.sync {}
    }

    private func schedule() {
        let isFirst = state.withLock { state in
            defer { state.isScheduled = true }
            return !state.isScheduled && !state.isClosed
        }
        guard isFirst else { return }
        queue.async { [self] in
            // Before the work: what is taken from now on asks for another sweep.
            state.withLock { $0.isScheduled = false }
            sweep()
        }
    }

    private func sweep() {
        let top = bulkhead_open_for_listing(volumes.descriptor, Self.name)
        guard top >= 0 else { return }
        defer { Glibc.close(top) }
        let end = ContinuousClock.now + patience
        var left = 0
        var progress = true
        while progress {
            (left, progress) = (0, false)
            Self.forEachName(in: top) { name in
                guard ContinuousClock.now < end, !state.withLock({ $0.isClosed }) else {
                    progress = false
                    left += 1
                    return false
                }
                if !delete(name, top, until: end, &progress) { left += 1 }
                return true
            }
        }
        if left > 0 {
            logger.warning(
                "discarded volumes are not all deleted; the next session to end, or the next start, tries again",
                metadata: ["left": "\(left)"])
        }
    }

    /// Deletes what `name` in `top` is. Where it cannot, what is below it may still have been moved to the top.
    private func delete(
        _ name: UnsafePointer<CChar>, _ top: CInt, until end: ContinuousClock.Instant, _ progress: inout Bool
    ) -> Bool {
        if Self.remove(name, in: top) {
            progress = true
            return true
        }
        let directory = bulkhead_open_for_listing(top, name)
        guard directory >= 0 else { return false }
        defer { Glibc.close(directory) }
        var hasChanged = false
        Self.forEachName(in: directory) { child in
            if Self.remove(child, in: directory) || renameat(directory, child, top, Self.freshName()) == 0 {
                hasChanged = true
            }
            return ContinuousClock.now < end && !state.withLock { $0.isClosed }
        }
        if hasChanged { progress = true }
        return Self.remove(name, in: top)
    }

    /// A file, a link (not where it leads), an empty directory. A mount point is none of these.
    private static func remove(_ name: UnsafePointer<CChar>, in directory: CInt) -> Bool {
        unlinkat(directory, name, 0) == 0 || unlinkat(directory, name, CInt(AT_REMOVEDIR)) == 0
    }

    private static func freshName() -> String { String(UInt64.random(in: 0 ... .max), radix: 36) }

    /// Until `body` says false. As bytes: the name of a file need not be UTF-8.
    private static func forEachName(in directory: CInt, _ body: (UnsafePointer<CChar>) -> Bool) {
        let copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let goesOn = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || body(name)
                }
            }
            guard goesOn else { return }
        }
    }
}
