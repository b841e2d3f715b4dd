/// A bounded queue between tasks: who sends into a full one waits.
package actor Mailbox<Element: Sendable> {
    private let capacity: Int
    private var elements: [Element] = []
    private var receiver: CheckedContinuation<Element?, Never>?
    private var senders: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false

    package init(capacity: Int) {
        self.capacity = capacity
    }

    /// Dropped where the mailbox is closed.
    package func send(_ element: Element) async {
        while elements.count >= capacity, !isClosed {
            await withCheckedContinuation { senders.append($0) }
        }
        guard !isClosed else { return }
        if let receiver {
            self.receiver = nil
            receiver.resume(returning: element)
        } else {
            elements.append(element)
        }
    }

    /// One receiver at a time. `nil` once the mailbox is closed.
    package func next() async -> Element? {
        if !elements.isEmpty {
            let element = elements.removeFirst()
            if !senders.isEmpty { senders.removeFirst().resume() }
            return element
        }
        if isClosed { return nil }
        return await withCheckedContinuation { receiver = $0 }
    }

    package func close() {
        isClosed = true
        elements = []
        receiver?.resume(returning: nil)
        receiver = nil
        for sender in senders { sender.resume() }
        senders = []
    }
}
