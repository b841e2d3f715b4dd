/// A JSON object that keeps its keys in the order they came in. Two objects with the same members in another order are
/// equal. Keys compare by their bytes.
package struct JSONObject: Sendable {
    private var members: [Member] = []
    /// Where each key stands in `members`; only for large objects, where looking through them all would be slow.
    private var index: [IndexKey: Int] = [:]

    private static let largestWithoutIndex = 16

    fileprivate struct Member: Sendable {
        let key: String
        var value: JSONValue
    }

    private struct IndexKey: Hashable, Sendable {
        let text: String

        static func == (left: IndexKey, right: IndexKey) -> Bool { left.text.hasSameBytes(as: right.text) }
        func hash(into hasher: inout Hasher) { hasher.combine(text) }
    }

    package init() {}

    /// Of two members with the same key the later one holds.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members {
            self[key] = value
        }
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }

    /// Setting `nil` removes the member; setting another value keeps its place.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): remove(at: position)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// For parsers: adds a member, or returns false where the key is there already.
    mutating func appendIfNew(_ key: String, _ value: JSONValue) -> Bool {
        guard position(of: key) == nil else { return false }
        append(key, value)
        return true
    }

    private func position(of key: String) -> Int? {
        if index.isEmpty {
            members.firstIndex { $0.key.hasSameBytes(as: key) }
        } else {
            index[IndexKey(text: key)]
        }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        if members.isEmpty { members.reserveCapacity(4) }
        members.append(Member(key: key, value: value))
        if !index.isEmpty {
            index[IndexKey(text: key)] = members.count - 1
        } else if members.count > Self.largestWithoutIndex {
            rebuildIndex()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        if !index.isEmpty { rebuildIndex() }
    }

    private mutating func rebuildIndex() {
        index.removeAll(keepingCapacity: true)
        guard members.count > Self.largestWithoutIndex else { return }
        for (position, member) in members.enumerated() {
            index[IndexKey(text: member.key)] = position
        }
    }
}

extension JSONObject: Sequence {
    package typealias Element = (key: String, value: JSONValue)

    package struct Iterator: IteratorProtocol {
        private var members: IndexingIterator<[Member]>

        fileprivate init(_ members: [Member]) { self.members = members.makeIterator() }

        package mutating func next() -> Element? {
            members.next().map { (key: $0.key, value: $0.value) }
        }
    }

    package func makeIterator() -> Iterator { Iterator(members) }
    package var underestimatedCount: Int { count }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        // A sum, because equal objects may hold their members in another order.
        var sum = 0
        for member in members {
            var one = Hasher()
            one.combine(member.key)
            one.combine(member.value)
            sum &+= one.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}

extension JSONObject: CustomStringConvertible {
    package var description: String { JSONValue.object(self).text }
}
