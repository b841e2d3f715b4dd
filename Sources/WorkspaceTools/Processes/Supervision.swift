import CLinux
import Glibc

/// Watches a child from its start to its end: reads, keeps the deadlines, ends the group, reaps.
struct Supervision {
    let process: pid_t
    let limits: ChildProcess.Limits
    let start: ContinuousClock.Instant
    let cancellation: CancelSignal
    let onProgress: ((_ seconds: Double, _ lastLine: String) -> Void)?
    var output: PipeReader?
    var error: PipeReader?
    var extra: PipeReader?

    private var ending = ChildProcess.Ending.finished
    private var killAt: ContinuousClock.Instant?
    private var nextProgress: ContinuousClock.Instant
    private var progressTotal = 0

    init(
        process: pid_t, limits: ChildProcess.Limits, start: ContinuousClock.Instant, cancellation: CancelSignal,
        onProgress: ((_ seconds: Double, _ lastLine: String) -> Void)?
    ) {
        self.process = process
        self.limits = limits
        self.start = start
        self.cancellation = cancellation
        self.onProgress = onProgress
        nextProgress = start.advanced(by: .seconds(1))
    }

    mutating func run() -> ChildProcess.Outcome {
        let exit = clinux_open_process(process)
        defer { if exit >= 0 { close(exit) } }
        while !hasExited() {
            wait(exit)
            read()
            keepDeadlines()
        }
        if ending != .finished { endGroup() }
        output?.readRest()
        error?.readRest()
        extra?.readRest()
        let status = reap()
        let others = leftOthersRunning()
        if others {
            if let output, output.isHeld(for: 0) { BackgroundDrain.take(output.pipe) }
            if let error, error.isHeld(for: 0) { BackgroundDrain.take(error.pipe) }
        }
        return ChildProcess.Outcome(
            status: status, ending: ending, output: output?.output ?? CappedOutput(head: 0, tail: 0),
            error: error?.output ?? CappedOutput(head: 0, tail: 0), extra: extra?.output.bytes ?? [],
            duration: start.duration(to: .now), leftOthersRunning: others)
    }

    /// Whether something the child started lives on with its output. Another call's child holds every pipe too for the
    /// moment between its fork and its exec; so where nobody is left of this child's group, a held pipe is given time.
    private func leftOthersRunning() -> Bool {
        let patience: CInt = kill(-process, 0) == 0 ? 0 : 250
        return output?.isHeld(for: patience) == true || error?.isHeld(for: patience) == true
    }

    /// Leaves the child a zombie, so that its process group's number is not given away before the group is ended.
    private func hasExited() -> Bool {
        var information = siginfo_t()
        let status = waitid(P_PID, id_t(process), &information, CInt(WEXITED | WNOHANG | WNOWAIT))
        if status < 0 { return errno != EINTR }
        return information.si_signo == SIGCHLD
    }

    private func reap() -> ChildProcess.Status {
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return .exited(255) }
        }
        let signal = Int(status & 0x7F)
        return signal == 0 ? .exited(Int(status >> 8 & 0xFF)) : .signaled(signal)
    }

    private mutating func wait(_ exit: CInt) {
        let none: CInt = -1  // poll passes over it
        var entries = [
            pollfd(fd: exit, events: Int16(POLLIN), revents: 0),
            pollfd(fd: ending == .finished ? cancellation.descriptor : none, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: output?.isOpen == true ? output?.pipe.descriptor ?? none : none, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: error?.isOpen == true ? error?.pipe.descriptor ?? none : none, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: extra?.isOpen == true ? extra?.pipe.descriptor ?? none : none, events: Int16(POLLIN), revents: 0),
        ]
        let deadline =
            killAt ?? min(start.advanced(by: limits.timeout), onProgress == nil ? .now + .seconds(60) : nextProgress)
        let left = max(.zero, ContinuousClock.now.duration(to: deadline))
        var milliseconds = CInt(
            clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
        // Without a descriptor for the end of the process (an old kernel, none left) it is looked for now and then.
        if exit < 0 { milliseconds = min(milliseconds, 10) }
        _ = poll(&entries, UInt(entries.count), milliseconds)
    }

    private mutating func read() {
        if output?.isOpen == true { output?.read() }
        if error?.isOpen == true { error?.read() }
        if extra?.isOpen == true { extra?.read() }
    }

    private mutating func keepDeadlines() {
        let now = ContinuousClock.now
        if ending == .finished {
            if cancellation.isCancelled {
                end(.cancelled, at: now)
            } else if now >= start.advanced(by: limits.timeout) {
                end(.timedOut, at: now)
            } else if (output?.output.total ?? 0) + (error?.output.total ?? 0) > limits.maximumOutput {
                end(.printedTooMuch, at: now)
            }
        } else if let killAt, now >= killAt {
            kill(-process, SIGKILL)
            self.killAt = now.advanced(by: .seconds(60))
        }
        if now >= nextProgress { report(now) }
    }

    private mutating func end(_ ending: ChildProcess.Ending, at now: ContinuousClock.Instant) {
        self.ending = ending
        kill(-process, SIGTERM)
        killAt = ending == .printedTooMuch ? now : now.advanced(by: limits.grace)
    }

    /// The group's first process is gone; the others have what is left of the grace.
    private func endGroup() {
        let deadline = killAt ?? .now
        // The zombie leader counts as a member, so "nobody left" cannot be seen here: only open pipes can.
        while ContinuousClock.now < deadline, let output {
            var entry = pollfd(fd: output.pipe.descriptor, events: 0, revents: 0)
            _ = poll(&entry, 1, 20)
            if entry.revents & Int16(POLLHUP) != 0 { break }
        }
        kill(-process, SIGKILL)
        Stragglers(leader: process).end()
    }

    private mutating func report(_ now: ContinuousClock.Instant) {
        nextProgress = now.advanced(by: .seconds(1))
        guard let onProgress, let output, output.output.total > progressTotal else { return }
        progressTotal = output.output.total
        let lines = VisibleText(output.output.bytes.suffix(2048)).text.split { $0.isNewline }
        let seconds = start.duration(to: now).components.seconds
        onProgress(Double(seconds), String((lines.last ?? "").prefix(200)))
    }
}
