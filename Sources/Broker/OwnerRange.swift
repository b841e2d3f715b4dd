internal import BrokerProtocol

/// The reserved uids. Each running container has one of its own (and the gid of the same number), so that what the kernel
/// limits per user is not shared. The first belongs to the volumes on disk.
struct OwnerRange {
    let volumeOwner: UInt32
    private let range: Range<UInt32>
    private var next: UInt32
    private var live: Set<UInt32> = []

    init(first: UInt32, count: UInt32) {
        volumeOwner = first
        range = first + 1..<first + count
        next = range.lowerBound
    }

    /// Goes round the range, so that a uid just given back rests for as long as possible.
    mutating func take() throws(BrokerError) -> UInt32 {
        for _ in range {
            let candidate = next
            next = next + 1 < range.upperBound ? next + 1 : range.lowerBound
            if live.insert(candidate).inserted { return candidate }
        }
        throw BrokerError(.limit, "every uid reserved for compartments is in use")
    }

    mutating func giveBack(_ owner: UInt32) { live.remove(owner) }
}
