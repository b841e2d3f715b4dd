/// The terms as one hash table from what a word's scalars hash to. Built once; a probe costs a few nanoseconds, which a
/// dictionary's keyed hash would not.
struct TermTable: Sendable {
    static let shared = TermTable()

    /// What may follow: a stem matches as the beginning of a word.
    struct Entry: Sendable {
        var kind: TermKind
        var isStem: Bool
    }

    private var slots: [UInt64]
    private var indices: [Int32]
    private var entries: [Entry] = []
    private let mask: Int

    init() {
        let size = 1 << 14
        mask = size - 1
        slots = [UInt64](repeating: 0, count: size)
        indices = [Int32](repeating: -1, count: size)
        for (kind, words) in Terms.all {
            for word in words.split(whereSeparator: \.isWhitespace) { add(String(word), kind) }
        }
    }

    /// The hash of nothing; `extend` takes a scalar more.
    static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

    static func extend(_ hash: UInt64, _ scalar: UInt32) -> UInt64 {
        (hash ^ UInt64(scalar)) &* 0x0000_0100_0000_01B3
    }

    /// The hash of a phrase of two words.
    static func join(_ first: UInt64, _ second: UInt64) -> UInt64 {
        (first.byteSwapped &* 0x9E37_79B9_7F4A_7C15) ^ second
    }

    /// What a word or the beginning of one is, by its hash.
    func entry(_ hash: UInt64) -> Entry? {
        var slot = Int(truncatingIfNeeded: hash ^ (hash >> 29)) & mask
        while indices[slot] >= 0 {
            if slots[slot] == hash { return entries[Int(indices[slot])] }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The first to name a word has it.
    private mutating func add(_ word: String, _ kind: TermKind) {
        let isStem = word.hasSuffix("*")
        let hashes = word.split(separator: "_").map { part in
            part.unicodeScalars.filter { $0 != "*" }.reduce(Self.seed) { Self.extend($0, $1.value) }
        }
        let hash = hashes.dropFirst().reduce(hashes.first ?? Self.seed, Self.join)
        var slot = Int(truncatingIfNeeded: hash ^ (hash >> 29)) & mask
        while indices[slot] >= 0, slots[slot] != hash { slot = (slot + 1) & mask }
        guard indices[slot] < 0 else { return }
        slots[slot] = hash
        indices[slot] = Int32(entries.count)
        entries.append(Entry(kind: kind, isStem: isStem))
    }
}
