/// The calls of a client that run, and how many there may be.
struct RequestsInFlight {
    struct Entry {
        let batch: Int?
        /// What the request came in.
        let bytes: Int
        let progress: ProgressReporter?
        fileprivate(set) var isCancelled = false
        /// `nil` until the call was found to take its time.
        fileprivate var task: Task<Void, Never>?

        init(batch: Int?, bytes: Int, progress: ProgressReporter?) {
            self.batch = batch
            self.bytes = bytes
            self.progress = progress
        }
    }

    private let limits: SessionLimits
    private var entries: [RequestID: Entry] = [:]
    private var bytes = 0

    init(limits: SessionLimits) {
        self.limits = limits
    }

    /// Whether a request of so many bytes has to wait until another has ended.
    func isFull(for bytes: Int) -> Bool {
        entries.count >= limits.maximumRequestsInFlight
            || !entries.isEmpty && self.bytes + bytes > limits.maximumBytesInFlight
    }

    subscript(id: RequestID) -> Entry? { entries[id] }

    var tasks: [Task<Void, Never>] { entries.values.compactMap(\.task) }

    mutating func add(_ id: RequestID, _ entry: Entry) {
        entries[id] = entry
        bytes += entry.bytes
    }

    /// Nothing happens where the call is over already.
    mutating func set(_ task: Task<Void, Never>, for id: RequestID) {
        entries[id]?.task = task
    }

    mutating func cancel(_ id: RequestID) {
        entries[id]?.isCancelled = true
        entries[id]?.task?.cancel()
    }

    mutating func remove(_ id: RequestID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        bytes -= entry.bytes
        return entry
    }
}
