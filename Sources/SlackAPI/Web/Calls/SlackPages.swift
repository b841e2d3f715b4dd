internal import MCP

/// A list Slack gives in pages, fetched as it is read. Ends with an error after `most` pages: a list that long, or one that
/// goes round, is not read to its end in silence.
package struct SlackPages<Element: Sendable>: AsyncSequence, Sendable {
    let most: Int
    let fetch: @Sendable (_ cursor: String?) async throws -> (items: [Element], next: String?)

    package struct AsyncIterator: AsyncIteratorProtocol {
        let pages: SlackPages
        private var cursor: String?
        private var seen = 0
        private var isOver = false
        private var left: ArraySlice<Element> = []

        init(_ pages: SlackPages) { self.pages = pages }

        package mutating func next() async throws -> Element? {
            while left.isEmpty {
                guard !isOver else { return nil }
                guard seen < pages.most else {
                    throw SlackError(
                        .permanent, "too_large", method: "pages", "The list is longer than \(pages.most) pages.")
                }
                let page = try await pages.fetch(cursor)
                seen += 1
                left = page.items[...]
                cursor = page.next
                isOver = page.next == nil
            }
            return left.removeFirst()
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// All of them, in memory.
    package func all() async throws -> [Element] {
        var all: [Element] = []
        for try await element in self { all.append(element) }
        return all
    }
}

extension SlackClient {
    /// The pages of `method`, whose answers have a list `member`. An item that cannot be read is left out.
    func pages<Element: Sendable>(
        _ method: SlackMethod, _ arguments: JSONObject, _ member: String, limit: Int, most: Int,
        _ read: @escaping @Sendable (JSONValue) -> Element?
    ) -> SlackPages<Element> {
        SlackPages(most: most) { [self] cursor in
            var arguments = arguments
            arguments["limit"] = .int(Int64(limit))
            arguments["cursor"] = cursor.map(JSONValue.string)
            let answer = try await call(method, arguments)
            let items = try AnswerReader(answer, method.name).list(member).compactMap(read)
            let next = answer["response_metadata"]?["next_cursor"]?.stringValue
            return (items, next?.isEmpty == false ? next : nil)
        }
    }
}
