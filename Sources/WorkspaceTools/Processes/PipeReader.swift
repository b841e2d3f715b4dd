import Glibc

/// Reads the parent's end of a pipe into bounded memory.
struct PipeReader {
    let pipe: OpenFile
    var output: CappedOutput
    private(set) var isOpen = true

    init(_ pipe: Pipe, _ output: CappedOutput) {
        self.pipe = pipe.reading
        self.output = output
    }

    /// What is there, at most `limit` bytes. Returns whether anything was.
    @discardableResult
    mutating func read(atMost limit: Int = 64 << 10) -> Bool {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            count = Glibc.read(pipe.descriptor, buffer.baseAddress, buffer.count)
            initialized = max(0, count)
        }
        if count > 0 {
            output.append(bytes)
            return true
        }
        if count == 0 || errno != EAGAIN && errno != EINTR { isOpen = false }
        return false
    }

    /// Whether somebody holds the other end, or goes on holding it for so long.
    func isHeld(for milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: pipe.descriptor, events: 0, revents: 0)
        return isOpen && !(poll(&entry, 1, milliseconds) == 1 && entry.revents & Int16(POLLHUP) != 0)
    }

    /// The program has ended: what it wrote is in the pipe, and nothing later is waited for. Another process may fill
    /// the pipe for ever, so no more is read than a pipe holds.
    mutating func readRest() {
        var waiting: CInt = 0
        guard isOpen, ioctl(pipe.descriptor, UInt(FIONREAD), &waiting) == 0 else { return }
        var rest = Int(waiting)
        while rest > 0, isOpen {
            let before = output.total
            guard read(atMost: rest) else { break }
            rest -= output.total - before
        }
    }
}
