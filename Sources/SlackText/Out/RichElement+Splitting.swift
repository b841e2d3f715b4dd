internal import MCP

extension RichElement {
    /// How much of a message's weight it takes: never less than the length of its JSON.
    var weight: Int {
        switch self {
        case .section(let runs, _), .quote(let runs): 50 + RichElement.weight(of: runs)
        case .code(let text): 54 + RichRun(text).weight
        case .list(let list): 110 + list.items.reduce(0) { $0 + 50 + RichElement.weight(of: $1) }
        }
    }

    private static func weight(of runs: [RichRun]) -> Int {
        runs.reduce(0) { $0 + $1.weight + 1 }
    }

    /// In two, so that the first takes at most `weight`; `nil` where all of it does. What is cut off code is code again,
    /// what is cut off a list goes on counting. The first part is never empty.
    func split(weight: Int) -> (first: RichElement, rest: RichElement)? {
        guard self.weight > weight else { return nil }
        switch self {
        case .code(let text):
            return TextCut.split(text, weight: weight - RichElement.code("").weight, atWords: false).flatMap {
                first, rest in
                rest.isEmpty ? nil : (.code(first.isEmpty ? " " : first), .code(rest))
            }
        case .section(let runs, let isHeading):
            return Self.split(runs, weight: weight - 60).map {
                (.section($0, isHeading: isHeading), .section($1, isHeading: false))
            }
        case .quote(let runs):
            return Self.split(runs, weight: weight - 60).map { (.quote($0), .quote($1)) }
        case .list(let list):
            return list.split(weight: weight)
        }
    }

    /// Both parts have something in them.
    static func split(_ runs: [RichRun], weight: Int) -> (first: [RichRun], rest: [RichRun])? {
        var used = 0
        for (index, run) in runs.enumerated() {
            let size = run.weight + 1
            if used + size <= weight {
                used += size
                continue
            }
            var first = Array(runs[..<index])
            var rest = Array(runs[(index + 1)...])
            if case .text(let text) = run.content, weight - used > size - TextCut.weight(text) + 20 || index == 0,
                let (head, tail) = TextCut.split(text, weight: max(1, weight - used - (size - TextCut.weight(text))))
            {
                if !head.isEmpty { first.append(RichRun(head, run.style)) }
                if !tail.isEmpty { rest.insert(RichRun(tail, run.style), at: 0) }
            } else if index == 0 {
                // A link or a mention goes whole.
                first.append(run)
            } else {
                rest.insert(run, at: 0)
            }
            return first.isEmpty || rest.isEmpty ? nil : (first, rest)
        }
        return nil
    }
}

extension RichList {
    /// Between two items where one fits, else within the first: then its rest goes on below it as text.
    func split(weight: Int) -> (first: RichElement, rest: RichElement)? {
        var used = 120
        var count = 0
        for item in items {
            used += RichElement.section(item, isHeading: false).weight + 1
            if used > weight { break }
            count += 1
        }
        var (first, rest) = (self, self)
        if count > 0 {
            guard count < items.count else { return nil }
            first.items = Array(items[..<count])
            rest.items = Array(items[count...])
            rest.offset += count
            return (.list(first), .list(rest))
        }
        guard let (head, tail) = RichElement.split(items[0], weight: max(1, weight - 180)) else {
            guard items.count > 1 else { return nil }
            first.items = [items[0]]
            rest.items = Array(items[1...])
            rest.offset += 1
            return (.list(first), .list(rest))
        }
        // The item's number is taken; what is left of it is the first of what follows.
        first.items = [head]
        rest.items = [tail] + items[1...]
        return (.list(first), .list(rest))
    }
}
