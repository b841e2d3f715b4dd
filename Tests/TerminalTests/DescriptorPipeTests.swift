import Glibc
import Terminal
import Testing

@Suite struct DescriptorPipeTests {
    private struct Ends {
        var client: (input: Int32, output: Int32)
        var pipe: (input: Int32, output: Int32, socket: Int32)
        var daemon: Int32

        init() {
            var up: [Int32] = [0, 0]
            var down: [Int32] = [0, 0]
            var pair: [Int32] = [0, 0]
            Glibc.pipe(&up)
            Glibc.pipe(&down)
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair)
            client = (up[1], down[0])
            pipe = (up[0], down[1], pair[0])
            daemon = pair[1]
        }
    }

    private func join(_ ends: Ends) -> Task<DescriptorPipe.Ending, Never> {
        Task {
            await withCheckedContinuation { continuation in
                BlockingThread.start {
                    let ending = DescriptorPipe.join(
                        socket: ends.pipe.socket, input: ends.pipe.input, output: ends.pipe.output)
                    for descriptor in [ends.pipe.socket, ends.pipe.input, ends.pipe.output] { close(descriptor) }
                    continuation.resume(returning: ending)
                }
            }
        }
    }

    /// To the end, or `count` bytes.
    private func readAll(_ descriptor: Int32, count limit: Int = .max) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            BlockingThread.start {
                var all: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 1 << 16)
                while all.count < limit {
                    let count = read(descriptor, &chunk, chunk.count)
                    guard count > 0 else { break }
                    all += chunk[..<count]
                }
                continuation.resume(returning: all)
            }
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32, thenClose: Bool) {
        BlockingThread.start {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 else { break }
                rest = rest.dropFirst(count)
            }
            if thenClose { close(descriptor) }
        }
    }

    @Test func copiesMegabytesBothWaysAtOnceAndEndsAfterTheLastAnswer() async {
        let ends = Ends()
        let ending = join(ends)
        let up = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let down = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        write(up, to: ends.client.input, thenClose: true)
        write(down, to: ends.daemon, thenClose: false)
        async let arrivedDown = readAll(ends.client.output, count: down.count)
        // The client is done: the daemon sees an end, and closes once it has said all.
        #expect(await readAll(ends.daemon) == up)
        #expect(await arrivedDown == down)
        close(ends.daemon)
        #expect(await ending.value == .inputClosedFirst)
        close(ends.client.output)
    }

    @Test func saysWhenTheDaemonEndsFirst() async {
        let ends = Ends()
        let ending = join(ends)
        write(Array("last words\n".utf8), to: ends.daemon, thenClose: true)
        #expect(await readAll(ends.client.output) == Array("last words\n".utf8))
        #expect(await ending.value == .socketClosedFirst)
        close(ends.client.input)
    }
}
