import Glibc
import Synchronization

/// The reading half of a descriptor transport: one thread that reads, splits, and hands on one batch per read. It takes
/// a slot before each read and gets it back when the consumer takes the batch, so that a peer that floods is slowed by
/// the kernel's buffer instead of filling memory.
final class DescriptorReader<Decoder: StreamDecoder>: Sendable {
    private let descriptors: Descriptors
    private let continuation: AsyncThrowingStream<[[UInt8]], any Error>.Continuation
    private let departure: AsyncStream<Never>.Continuation
    private let slots: Semaphore
    private let isClosed = Atomic(false)

    let messages: MessageBatches

    private static var chunkBytes: Int { 64 << 10 }

    init(_ descriptors: Descriptors, decoder: Decoder, limits: TransportLimits) {
        self.descriptors = descriptors
        let slots = Semaphore(max(1, limits.maximumBatches))
        self.slots = slots
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: [[UInt8]].self)
        self.continuation = continuation
        let (presence, departure) = AsyncStream.makeStream(of: Never.self)
        self.departure = departure
        messages = MessageBatches(stream, presence: presence, taken: { slots.signal() })
        guard descriptors.failure == nil else {
            continuation.finish(throwing: descriptors.failure)
            departure.finish()
            return
        }
        descriptors.retain()
        let isStarted = DescriptorThread.start { [self] in
            do {
                try run(decoder, LineSplitter(maximumLength: limits.maximumMessageBytes))
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
            departure.finish()
            descriptors.release()
        }
        guard !isStarted else { return }
        descriptors.release()
        continuation.finish(
            throwing: TransportError(code: .inputOutput, message: "the system refuses another thread for reading"))
        departure.finish()
    }

    /// The caller wakes the descriptors afterwards.
    func close() {
        isClosed.store(true, ordering: .releasing)
        departure.finish()
        slots.signal()
    }

    private func run(_ initialDecoder: Decoder, _ initialSplitter: LineSplitter) throws {
        var decoder = initialDecoder
        var splitter = initialSplitter
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkBytes, alignment: 16)
        defer { buffer.deallocate() }
        var decoded: [UInt8] = []
        var lines: [[UInt8]] = []
        while true {
            while !slots.wait(seconds: 1) {
                if descriptors.isHungUp { departure.finish() }
            }
            repeat {
                guard let count = try read(into: buffer) else { return }
                let chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                do {
                    if Decoder.self == IdentityDecoder.self {
                        try splitter.split(chunk, into: &lines)
                    } else {
                        decoded.removeAll(keepingCapacity: true)
                        try decoder.decode(chunk, into: &decoded)
                        try decoded.withUnsafeBytes { bytes in
                            try splitter.split(bytes, into: &lines)
                        }
                    }
                } catch {
                    // What came whole before the break is still worth an answer.
                    if !lines.isEmpty { continuation.yield(lines) }
                    throw error
                }
            } while lines.isEmpty
            continuation.yield(lines)
            lines.removeAll()
        }
    }

    /// `nil` at the end of the stream and when closed.
    private func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int? {
        while true {
            guard descriptors.wait(descriptors.reading, POLLIN) == .ready, !isClosed.load(ordering: .acquiring) else {
                return nil
            }
            let count = Glibc.read(descriptors.reading, buffer.baseAddress, buffer.count)
            if count > 0 { return count }
            if count == 0 { return nil }
            switch errno {
            case EINTR, EAGAIN: continue
            // A peer that went away without reading everything resets the connection; for the reader that is an end.
            case ECONNRESET: return nil
            case let number:
                throw TransportError(code: .inputOutput, message: "reading failed: \(systemError(number))")
            }
        }
    }
}
