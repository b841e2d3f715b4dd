import Glibc

/// What a command started and its process group does not reach: who calls `setsid`, and lets its parent end, is nobody's
/// child any more. Known by when it began and that it has no parent left.
///
/// Such a process that another command, running at the same time, put into a session of its own is taken along: who it
/// belongs to can be seen no more, and a command that was ended must not go on.
package struct Stragglers {
    package struct Process: Sendable {
        package var id: pid_t
        package var parent: pid_t
        package var session: pid_t
        /// In clock ticks since the machine's start.
        package var start: UInt64
        package var isDead = false

        package init(id: pid_t, parent: pid_t, session: pid_t, start: UInt64) {
            (self.id, self.parent, self.session, self.start) = (id, parent, session, start)
        }
    }

    /// The command's first process, which leads its session. Not reaped yet, or its number could be somebody else's.
    let leader: pid_t

    /// Ends them all, and what they start meanwhile. Gives up after a second: the container's own limits hold all the same.
    func end() {
        guard let first = Self.process(leader) else { return }
        // Directly below its init, as in a container: only there is all that runs this program's.
        let ownsAll = getppid() == 1
        let deadline = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < deadline {
            let ours = Self.ours(of: first, among: Self.all(), supervisor: getpid(), ownsAll: ownsAll)
            guard !ours.isEmpty else { return }
            for process in ours { kill(process.id, SIGKILL) }
            var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
            nanosleep(&pause, nil)
        }
    }

    /// `ownsAll`: processes without a parent can only be those of commands. Elsewhere they are never touched.
    package static func ours(
        of leader: Process, among all: [Process], supervisor: pid_t, ownsAll: Bool
    ) -> [Process] {
        let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let sessions = Set(all.filter { $0.parent == supervisor }.map(\.id)).subtracting([leader.id])
        return all.filter { process in
            guard !process.isDead, ![supervisor, 1, leader.id].contains(process.id) else { return false }
            if process.session == leader.id { return true }
            // Up to where it hangs: on the leader it is ours, on this program another command's.
            var (top, steps) = (process, 0)
            while steps < 1000, top.parent != leader.id, top.parent != supervisor, let parent = byID[top.parent],
                parent.id != 1
            {
                (top, steps) = (parent, steps + 1)
            }
            if top.parent == leader.id { return true }
            guard ownsAll, top.parent == 1 else { return false }
            // Whoever began before the command is an earlier one's, and who is in another command's session is that one's.
            return top.start >= leader.start && !sessions.contains(process.session)
        }
    }

    private static func all() -> [Process] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var found: [Process] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let id = pid_t(name), let process = process(id) { found.append(process) }
        }
        return found
    }

    /// proc_pid_stat(5). `nil` where there is none, or none that is this user's to see.
    static func process(_ id: pid_t) -> Process? {
        let descriptor = open("/proc/\(id)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &bytes, bytes.count)
        // The name stands in brackets and may hold anything, brackets too: what counts comes after the last.
        guard count > 0, let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(end + 1)..<count].split(separator: UInt8(ascii: " "))
        func number<Value: FixedWidthInteger>(_ index: Int) -> Value? {
            index < fields.count ? Value(String(decoding: fields[index], as: UTF8.self)) : nil
        }
        guard let state = fields.first?.first, let parent: pid_t = number(1), let session: pid_t = number(3),
            let start: UInt64 = number(19)
        else { return nil }
        var process = Process(id: id, parent: parent, session: session, start: start)
        process.isDead = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        return process
    }
}
