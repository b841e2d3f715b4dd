import CLinux
import Glibc

/// Runs one program to its end on the calling thread: in a session of its own, its output read into bounded memory, the
/// whole process group ended at the time-out, at cancellation or over the output cap.
package struct ChildProcess {
    package struct Limits: Sendable {
        package var timeout: Duration
        package var head = 32 << 10
        package var tail = 32 << 10
        /// A program that prints more is ended.
        package var maximumOutput = 8 << 20
        /// Between SIGTERM and SIGKILL.
        package var grace = Duration.seconds(2)

        package init(timeout: Duration) { self.timeout = timeout }
    }

    package enum Ending: Sendable, Hashable {
        case finished, timedOut, cancelled, printedTooMuch
    }

    package enum Status: Sendable, Hashable {
        case exited(Int)
        case signaled(Int)
    }

    package struct Outcome: Sendable {
        package var status: Status
        package var ending: Ending
        package var output: CappedOutput
        package var error: CappedOutput
        /// What the program wrote to descriptor 3.
        package var extra: [UInt8]
        package var duration: Duration
        /// Something the program started still holds its output.
        package var leftOthersRunning: Bool
    }

    package var executable: String
    package var arguments: [String]
    /// `NAME=value`, as bytes: other programs' variables need not be UTF-8.
    package var environment: [[UInt8]]
    package var directory: OpenFile?
    package var input: OpenFile?
    /// Standard error goes where standard output goes, in the order written.
    package var joinsError = true
    package var readsExtra = false
    package var limits: Limits
    /// Called about once a second while the program prints.
    package var onProgress: ((_ seconds: Double, _ lastLine: String) -> Void)?

    package init(_ executable: String, _ arguments: [String], environment: [[UInt8]], limits: Limits) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.limits = limits
    }

    package func run(_ cancellation: CancelSignal) throws(ToolProblem) -> Outcome {
        let output = try Pipe()
        let error = joinsError ? nil : try Pipe()
        let extra = readsExtra ? try Pipe() : nil
        let start = ContinuousClock.now
        let process = try spawn(output: output, error: error, extra: extra)
        output.closeWriting()
        error?.closeWriting()
        extra?.closeWriting()
        var supervision = Supervision(
            process: process, limits: limits, start: start, cancellation: cancellation, onProgress: onProgress)
        supervision.output = PipeReader(output, CappedOutput(head: limits.head, tail: limits.tail))
        supervision.error = error.map { PipeReader($0, CappedOutput(head: limits.head, tail: limits.tail)) }
        supervision.extra = extra.map { PipeReader($0, CappedOutput(head: ShellState.maximumBytes, tail: 0)) }
        return supervision.run()
    }

    private func spawn(output: Pipe, error: Pipe?, extra: Pipe?) throws(ToolProblem) -> pid_t {
        var child = clinux_child()
        child.input = input?.descriptor ?? -1
        child.output = output.writing
        child.error = error?.writing ?? output.writing
        child.extra = extra?.writing ?? -1
        child.directory = directory?.descriptor ?? -1
        var process: pid_t = 0
        let arguments = ([executable] + arguments).map { Array($0.utf8) }
        let status = CStringArray.with(arguments) { arguments in
            CStringArray.with(environment) { environment in
                executable.withCString { path in
                    child.path = path
                    child.arguments = UnsafePointer(arguments)
                    child.environment = UnsafePointer(environment)
                    return clinux_spawn(&child, &process)
                }
            }
        }
        switch status {
        case 0: return process
        case E2BIG: throw ToolProblem("The command or the environment is too long to be passed on. Put it into a file.")
        case ENOENT: throw ToolProblem("\(executable) is not installed here.")
        default: throw ToolProblem(status, "start", executable)
        }
    }
}

/// Both ends close-on-exec; reading does not block.
final class Pipe {
    let reading: OpenFile
    private var writingEnd: OpenFile?

    init() throws(ToolProblem) {
        var ends: (reading: CInt, writing: CInt) = (-1, -1)
        guard clinux_pipe(&ends.reading, &ends.writing) == 0 else { throw ToolProblem(errno, "make", "a pipe") }
        reading = OpenFile(ends.reading)
        writingEnd = OpenFile(ends.writing)
    }

    var writing: CInt { writingEnd?.descriptor ?? -1 }

    /// So that the child's end is the only one, and its closing is seen.
    func closeWriting() { writingEnd = nil }
}

enum CStringArray {
    /// A NULL-terminated array of C strings. A string ends at its first NUL.
    static func with<Result>(
        _ strings: [[UInt8]], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let array = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.count + 1)
            for (offset, byte) in string.enumerated() { copy[offset] = CChar(bitPattern: byte) }
            copy[string.count] = 0
            array[index] = copy
        }
        array[strings.count] = nil
        defer {
            for index in strings.indices { array[index]?.deallocate() }
            array.deallocate()
        }
        return body(array)
    }
}
