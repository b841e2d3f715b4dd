import Glibc
import MCP

/// What the model reads of a command: its output, then one line on how it ended.
struct BashReport {
    private let outcome: ChildProcess.Outcome
    private let left: (status: Int, state: ShellState)?
    private let before: ShellState
    private let note: String?
    private let timeout: Int

    init(
        _ outcome: ChildProcess.Outcome, left: (status: Int, state: ShellState)?, before: ShellState, note: String?,
        timeout: Int
    ) {
        self.outcome = outcome
        self.left = left
        self.before = before
        self.note = note
        self.timeout = timeout
    }

    var result: CallToolResult {
        let output = outcome.output.text
        var lines = [output.text.isEmpty ? "(no output)" : output.text.trimmingLastNewline]
        if output.hadInvalidBytes { lines.append(VisibleText.note) }
        if let note { lines.append("[\(note)]") }
        // What was ended may still hold the output for the moment it takes to die.
        if outcome.leftOthersRunning, outcome.ending == .finished {
            lines.append(
                "[background processes go on; what they print from here on is not kept: redirect it to a file to see it]"
            )
        }
        lines.append("[\(ending), \(duration)\(move)]")
        let isFailure = outcome.ending != .finished
        return CallToolResult(content: [.text(lines.joined(separator: "\n"))], isError: isFailure)
    }

    private var ending: String {
        switch outcome.ending {
        case .timedOut:
            "stopped at the time-out of \(timeout) s with everything it started; a longer one can be asked for, or run it "
                + "in the background"
        case .cancelled: "cancelled and stopped with everything it started"
        case .printedTooMuch:
            "stopped because it printed more than 8 MiB (\(outcome.output.total) bytes); redirect the output to a file"
        case .finished:
            switch (left?.status, outcome.status) {
            case (let status?, _), (nil, .exited(let status)): "exit status \(status)"
            case (nil, .signaled(let signal)): "ended by signal \(signal)\(Self.name(of: signal))"
            }
        }
    }

    private var duration: String {
        let parts = outcome.duration.components
        let milliseconds = parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000
        return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
    }

    private var move: String {
        guard let directory = left?.state.directory, directory != before.directory else { return "" }
        return ", now in \(directory)"
    }

    private static func name(of signal: Int) -> String {
        switch CInt(signal) {
        case SIGKILL: " (KILL; perhaps the container was out of memory)"
        case SIGSEGV: " (segmentation fault)"
        case SIGABRT: " (abort)"
        case SIGTERM: " (TERM)"
        case SIGINT: " (INT)"
        case SIGPIPE: " (broken pipe)"
        default: ""
        }
    }
}

extension String {
    var trimmingLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
