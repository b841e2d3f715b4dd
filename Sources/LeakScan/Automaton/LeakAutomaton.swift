/// Aho and Corasick's automaton as one table, over the beginnings of all patterns, each as long as it takes to tell it from
/// the others; what a beginning leads to is then looked at whole. So the table stays small, and each byte costs one
/// look-up whatever the number of secrets. Never changes once made.
final class LeakAutomaton: Sendable {
    enum Target: Sendable {
        case secret(index: Int, form: String)
        case token(TokenForm)
    }

    struct Pattern: Sendable {
        /// Folded.
        let text: [UInt8]
        let target: Target
        /// Of `text`, in the table.
        fileprivate(set) var depth: Int
    }

    let secrets: [LeakSecret]
    let patterns: [Pattern]
    /// For each state a row of `Fold.classes` rows' beginnings.
    let table: [UInt32]
    /// Rows from here on are states in which a pattern's beginning has just been read.
    let firstHit: UInt32
    /// By state.
    let depths: [UInt16]
    /// Of a hit, where its patterns stand in `hits`.
    let hitRanges: [UInt32: Range<Int>]
    let hits: [Int32]

    /// Finds tokens and no secrets.
    static let tokens = LeakAutomaton(secrets: [])

    /// Costs some 70 ms for a thousand secrets.
    init(secrets: [LeakSecret]) {
        self.secrets = secrets
        var patterns = secrets.enumerated().flatMap { index, secret in
            SecretEncodings.all(of: secret.value).map {
                Pattern(text: $0.pattern, target: .secret(index: index, form: $0.name), depth: 0)
            }
        }
        patterns.sort { $0.text.lexicographicallyPrecedes($1.text) }
        Self.measure(&patterns)
        patterns += TokenForm.all.map {
            let text = Fold.text($0.beginning)
            return Pattern(text: text, target: .token($0), depth: text.count)
        }
        var trie = Trie()
        // Tokens first: where the table is full, a secret's beginning can be cut shorter, since it is looked at whole.
        let tokens = patterns.count - TokenForm.all.count
        for index in Array(tokens..<patterns.count) + Array(0..<tokens) {
            let beginning = patterns[index].text.prefix(patterns[index].depth)
            patterns[index].depth = trie.add(beginning, Int32(index), atLeast: Self.shortest)
        }
        let rows = trie.rows()
        self.patterns = patterns
        (table, firstHit, depths, hitRanges, hits) = (rows.table, rows.firstHit, rows.depths, rows.ranges, rows.hits)
    }

    private static let shortest = 4

    /// As much of each as no other begins with; the same text twice is one place in the table. Not below the deepest
    /// level where values that begin the same would fill the table: those are told apart when they are looked at whole.
    private static func measure(_ patterns: inout [Pattern]) {
        var shared = 0
        // What each adds to the table beyond that level.
        var below = 0
        for index in patterns.indices {
            let next =
                index + 1 < patterns.count ? common(patterns[index].text, patterns[index + 1].text) : 0
            let depth = max(shared, next) + 1
            let wanted = min(max(depth, shortest), patterns[index].text.count, Trie.longest)
            below += max(0, wanted - max(shared, Trie.deepest))
            patterns[index].depth = wanted
            shared = next
        }
        guard below > Trie.roomBelow else { return }
        for index in patterns.indices { patterns[index].depth = min(patterns[index].depth, Trie.deepest) }
    }

    private static func common(_ one: [UInt8], _ other: [UInt8]) -> Int {
        zip(one, other).prefix { $0 == $1 }.count
    }
}

/// The automaton while it is made.
private struct Trie {
    /// The deepest level, except where what is below it is little.
    static let deepest = 64
    static let roomBelow = 1 << 14
    static let longest = 4096
    /// With what is at the levels that are always there, 16 million at most, no row's beginning comes near 32 bits.
    static let room = 1 << 20

    private struct Node {
        var children: [UInt8: Int] = [:]
        var own: [Int32] = []
        var depth: UInt16
    }

    struct Rows {
        var table: [UInt32]
        var firstHit: UInt32
        var depths: [UInt16]
        var ranges: [UInt32: Range<Int>] = [:]
        var hits: [Int32] = []
    }

    private var nodes = [Node(depth: 0)]

    /// Returns how much of `text` there was room for: all, or no less than `shortest` of it.
    mutating func add(_ text: ArraySlice<UInt8>, _ pattern: Int32, atLeast shortest: Int) -> Int {
        var node = 0
        var depth = 0
        for byte in text {
            let column = Fold.columns[Int(byte)]
            if let next = nodes[node].children[column] {
                node = next
            } else {
                guard nodes.count < Self.room || depth < shortest else { break }
                nodes.append(Node(depth: nodes[node].depth + 1))
                nodes[node].children[column] = nodes.count - 1
                node = nodes.count - 1
            }
            depth += 1
        }
        nodes[node].own.append(pattern)
        return depth
    }

    func rows() -> Rows {
        // Breadth first: the states that texts are mostly in stand close together.
        var order = [0]
        var fail = [Int](repeating: 0, count: nodes.count)
        var full = [Int](repeating: 0, count: nodes.count * Fold.classes)
        var found = nodes.map(\.own)
        order.reserveCapacity(nodes.count)
        var position = 0
        while position < order.count {
            let node = order[position]
            position += 1
            let row = node * Fold.classes
            if node != 0 {
                for column in 0..<Fold.classes { full[row + column] = full[fail[node] * Fold.classes + column] }
                found[node] += found[fail[node]]
            }
            for (column, child) in nodes[node].children.sorted(by: { $0.key < $1.key }) {
                fail[child] = node == 0 ? 0 : full[row + Int(column)]
                full[row + Int(column)] = child
                order.append(child)
            }
            full[row] = node
        }
        // What has hits comes last, so that one comparison tells.
        let sorted = order.filter { found[$0].isEmpty } + order.filter { !found[$0].isEmpty }
        var place = [UInt32](repeating: 0, count: nodes.count)
        for (index, node) in sorted.enumerated() { place[node] = UInt32(index * Fold.classes) }
        var rows = Rows(
            table: [], firstHit: UInt32(sorted.prefix { found[$0].isEmpty }.count * Fold.classes),
            depths: sorted.map { nodes[$0].depth })
        rows.table.reserveCapacity(full.count)
        for node in sorted {
            let row = node * Fold.classes
            for column in 0..<Fold.classes { rows.table.append(place[full[row + column]]) }
            guard !found[node].isEmpty else { continue }
            rows.ranges[place[node]] = rows.hits.count..<rows.hits.count + found[node].count
            // Tokens, which are the last patterns, first.
            rows.hits += found[node].sorted(by: >)
        }
        return rows
    }
}
