internal import Glibc

/// A value nobody should see: asked for without echo at a terminal, else all of standard input.
enum HiddenInput {
    /// Without the line feed at its end, which belongs to `echo` rather than to the value. Asked twice at a terminal, as
    /// nobody sees what they type.
    static func value(named name: String) throws(TerminalError) -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            var text = try StandardInput.all()
            if text.utf8.last == 0x0A { text.removeLast() }
            return text
        }
        let first = try ask("Value of \(name) (not shown): ")
        guard try ask("Once more: ") == first else {
            throw TerminalError(.usage, "The two are not the same. Nothing was stored.")
        }
        return first
    }

    /// Asked once: what is pasted is tried out before anything is done with it.
    static func once(_ question: String) throws(TerminalError) -> String { try ask(question) }

    private static func ask(_ question: String) throws(TerminalError) -> String {
        var mode = termios()
        guard tcgetattr(STDIN_FILENO, &mode) == 0 else {
            throw TerminalError(.usage, "The terminal does not say how it is set, so what is typed could be seen.")
        }
        var silent = mode
        silent.c_lflag &= ~tcflag_t(ECHO | ECHONL)
        // Signals are held until echo is on again: an interrupted question must not leave the terminal mute.
        var held = sigset_t()
        var before = sigset_t()
        sigemptyset(&held)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGQUIT] { sigaddset(&held, signal) }
        pthread_sigmask(SIG_BLOCK, &held, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else {
            throw TerminalError(.usage, "The terminal cannot be kept from showing what is typed.")
        }
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode) }
        TerminalDevice.write(question, to: STDERR_FILENO)
        defer { TerminalDevice.write("\n", to: STDERR_FILENO) }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count <= 1 << 16 {
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw TerminalError(.usage, "There was no value. Nothing was stored.") }
            if byte == 0x0A { break }
            bytes.append(byte)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TerminalError(.usage, "What was typed is no UTF-8 text. Nothing was stored.")
        }
        return text
    }
}
