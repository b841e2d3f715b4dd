internal import Glibc

/// The terminal a program runs in: its size, its raw mode, and what may be sent to it.
package struct TerminalDevice: Sendable {
    package let input: Int32
    package let output: Int32

    package static let standard = TerminalDevice(input: STDIN_FILENO, output: STDOUT_FILENO)

    package init(input: Int32, output: Int32) {
        self.input = input
        self.output = output
    }

    /// A person sits there: keys come in and drawings go out.
    package var isInteractive: Bool { isatty(input) == 1 && isatty(output) == 1 && Self.environment("TERM") != "dumb" }

    /// See https://no-color.org: any value that is not empty.
    package static func isStyled(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
    }

    /// Columns and rows; 80 by 24 where the terminal does not say.
    package static func size(of descriptor: Int32) -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (max(20, Int(size.ws_col)), max(6, Int(size.ws_row)))
    }

    /// The width to lay text out for; `nil` where the output is no terminal.
    package static func width(of descriptor: Int32) -> Int? {
        isatty(descriptor) == 1 ? size(of: descriptor).columns : nil
    }

    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// Writes all of it; a closed output is the end of the program's business, not an error.
    package static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&descriptor, 1, 1000)
            } else if errno != EINTR {
                return
            }
        }
    }

    package static func print(_ lines: [StyledLine], to descriptor: Int32) {
        let styled = isStyled(descriptor)
        write(lines.map { $0.rendered(styled: styled) + "\n" }.joined(), to: descriptor)
    }
}
