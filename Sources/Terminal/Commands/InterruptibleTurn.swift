internal import Glibc
internal import Synchronization

/// A turn that Ctrl-C cancels at the daemon too, and that does not take longer than its time.
struct InterruptibleTurn: Sendable {
    let runner: TurnRunner
    let timeout: Duration?

    private enum Step: Sendable {
        case over(Turn)
        case interrupted
        case timedOut
    }

    /// How long a cancelled turn has to say that it is over.
    private static let grace = Duration.seconds(10)

    private final class Place: Sendable {
        let receipt = Mutex<MessageReceipt?>(nil)
    }

    func run(_ text: String, conversation: String?, attachments: [String]) async throws -> Turn {
        let place = Place()
        return try await withThrowingTaskGroup(of: Step.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                .over(
                    try await runner.run(text, conversation: conversation, attachments: attachments) { receipt in
                        place.receipt.withLock { $0 = receipt }
                    })
            }
            let (interrupts, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(2))
            group.addTask {
                for await _ in SignalStream.signals([SIGINT, SIGTERM]) { continuation.yield() }
                throw CancellationError()
            }
            group.addTask { try await Self.first(of: interrupts) }
            if let timeout {
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return .timedOut
                }
            }
            var isStopping = false
            while let step = try await group.next() {
                let receipt = place.receipt.withLock { $0 }
                switch step {
                case .over(let turn): return turn
                case .interrupted where receipt != nil && !isStopping:
                    guard let receipt else { continue }
                    isStopping = true
                    runner.report([StyledLine("Stopping …", .yellow)])
                    try await runner.client.cancel(receipt.conversation)
                    group.addTask { try await Self.first(of: interrupts) }
                    group.addTask {
                        try await Task.sleep(for: Self.grace)
                        return .interrupted
                    }
                case .interrupted:
                    throw TerminalError(.cancelled, "Interrupted.")
                case .timedOut:
                    throw late(receipt)
                }
            }
            throw TerminalError(.cancelled, "Interrupted.")
        }
    }

    private static func first(of interrupts: AsyncStream<Void>) async throws -> Step {
        for await _ in interrupts { return .interrupted }
        throw CancellationError()
    }

    private func late(_ receipt: MessageReceipt?) -> TerminalError {
        guard let receipt else {
            return TerminalError(.timedOut, "The daemon did not take the message in time.")
        }
        return TerminalError(
            .timedOut,
            "No answer in time. The assistant goes on; `bulkhead chat --thread \(receipt.conversation)` shows it.")
    }
}
