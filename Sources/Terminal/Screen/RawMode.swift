internal import Glibc
internal import Synchronization

/// Switches a terminal to raw mode and back. Back is what matters: it happens at the end, at Ctrl-Z and when a signal
/// ends the program, and doing it twice does no harm.
package final class RawMode: Sendable {
    private let device: TerminalDevice
    private let saved = Mutex<termios?>(nil)

    private static let bracketedPasteOn = "\u{1B}[?2004h"
    private static let bracketedPasteOff = "\u{1B}[?2004l"

    package init(_ device: TerminalDevice) {
        self.device = device
    }

    /// False where the input is no terminal.
    package func enter() -> Bool {
        saved.withLock { saved in
            guard saved == nil else { return true }
            var mode = termios()
            guard tcgetattr(device.input, &mode) == 0 else { return false }
            saved = mode
            cfmakeraw(&mode)
            // Output stays cooked: other lines printed meanwhile come out straight.
            mode.c_oflag |= tcflag_t(OPOST | ONLCR)
            guard tcsetattr(device.input, TCSADRAIN, &mode) == 0 else {
                saved = nil
                return false
            }
            TerminalDevice.write(Self.bracketedPasteOn, to: device.output)
            return true
        }
    }

    package func leave() {
        saved.withLock { saved in
            guard var mode = saved else { return }
            saved = nil
            TerminalDevice.write(Self.bracketedPasteOff, to: device.output)
            tcsetattr(device.input, TCSADRAIN, &mode)
        }
    }

    /// Ctrl-Z: hands the terminal back, stops, and takes it again when the shell lets it go on.
    package func suspend() {
        leave()
        raise(SIGTSTP)
        _ = enter()
    }
}
