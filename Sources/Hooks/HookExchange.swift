internal import Dispatch
internal import Glibc
internal import Synchronization

/// A running hook's streams, which whoever has this closes.
package struct HookStreams: Sendable {
    package let input: CInt
    package let output: CInt
    package let error: CInt
    /// Tells how it ended (`exit 0`, `signal 9`); closing it ends the hook and all it started.
    package let control: CInt

    package init(input: CInt, output: CInt, error: CInt, control: CInt) {
        self.input = input
        self.output = output
        self.error = error
        self.control = control
    }
}

/// Starts hooks as a user who is neither root nor the harness.
package protocol HookStarter: Sendable {
    /// Throws, with a sentence for the operator, where the hook could not be run.
    func check(_ name: String) async throws
    func start(_ name: String) async throws -> HookStreams
}

/// One hook's run: input in, output out, within its limits.
struct HookExchange: Sendable {
    enum Ending: Hashable, Sendable {
        case exited(Int)
        case signalled(Int)
        case timedOut, printedTooMuch
        /// Whoever ran it went away, or our caller did.
        case lost
    }

    struct Outcome: Sendable {
        var output: [UInt8] = []
        /// The beginning of what it said on standard error.
        var errors: [UInt8] = []
        var ending = Ending.lost
    }

    let input: [UInt8]
    let deadline: Duration
    let outputBytes: Int
    private static let errorBytes = 2048

    /// A cancelled caller ends the hook.
    func run(_ streams: HookStreams) async -> Outcome {
        let control = Control(streams.control)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "hook").async { continuation.resume(returning: self.exchange(streams, control)) }
            }
        } onCancel: {
            control.shut()
        }
    }

    /// Blocks its thread for `deadline` at most.
    private func exchange(_ streams: HookStreams, _ control: Control) -> Outcome {
        var outcome = Outcome()
        var files = [streams.input, streams.output, streams.error].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        files[0].events = Int16(POLLOUT)
        files.append(pollfd(fd: streams.control, events: Int16(POLLIN), revents: 0))
        for file in files { _ = fcntl(file.fd, F_SETFL, O_NONBLOCK) }
        defer {
            for file in [streams.output, streams.error] { close(file) }
            if files[0].fd >= 0 { close(files[0].fd) }
            control.close()
        }
        var written = 0
        let end = ContinuousClock.now + deadline
        while true {
            let left = end - ContinuousClock.now
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            guard left > .zero else {
                outcome.ending = .timedOut
                return outcome
            }
            guard poll(&files, 4, CInt(clamping: milliseconds + 1)) >= 0 || errno == EINTR else { return outcome }
            if files[0].fd >= 0, files[0].revents != 0, !feed(files[0].fd, &written) {
                close(files[0].fd)
                files[0].fd = -1
            }
            if files[1].revents != 0, !take(files[1].fd, &outcome.output, upTo: outputBytes + 1) { files[1].fd = -1 }
            if files[2].revents != 0, !take(files[2].fd, &outcome.errors, upTo: Self.errorBytes) { files[2].fd = -1 }
            guard outcome.output.count <= outputBytes else {
                outcome.ending = .printedTooMuch
                return outcome
            }
            guard files[3].revents != 0 else { continue }
            outcome.ending = Self.ending(streams.control)
            // What it printed last.
            while files[1].fd >= 0, outcome.output.count <= outputBytes, Self.isReadable(files[1].fd) {
                if !take(files[1].fd, &outcome.output, upTo: outputBytes + 1) { break }
            }
            if outcome.output.count > outputBytes { outcome.ending = .printedTooMuch }
            return outcome
        }
    }

    /// False once all is written, or nobody reads: a hook need not look at its input.
    private func feed(_ file: CInt, _ written: inout Int) -> Bool {
        while written < input.count {
            let count = input[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            written += count
        }
        return false
    }

    /// False at the end. What is over `limit` is read and dropped.
    private func take(_ file: CInt, _ bytes: inout [UInt8], upTo limit: Int) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        let count = read(file, &chunk, chunk.count)
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
        bytes += chunk[..<min(count, max(0, limit - bytes.count))]
        return true
    }

    private static func isReadable(_ file: CInt) -> Bool {
        var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, 0) > 0
    }

    private static func ending(_ control: CInt) -> Ending {
        var line = [UInt8](repeating: 0, count: 32)
        let count = read(control, &line, line.count)
        let words = String(decoding: line.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        guard words.count == 2, let number = Int(words[1]) else { return .lost }
        return words[0] == "exit" ? .exited(number) : .signalled(number)
    }

    /// The control socket, which a cancelled caller may shut while it is open, and not when its number is another's.
    private final class Control: Sendable {
        private let file: Mutex<CInt>

        init(_ file: CInt) {
            self.file = Mutex(file)
        }

        func shut() {
            file.withLock { if $0 >= 0 { _ = shutdown($0, CInt(SHUT_RDWR)) } }
        }

        func close() {
            file.withLock { file in
                if file >= 0 { _ = Glibc.close(file) }
                file = -1
            }
        }
    }
}
