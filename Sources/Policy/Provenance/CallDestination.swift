package import MCP

/// Where a call goes, as a text that is the same for calls that go to the same places: what a permit of a task is held to.
package enum CallDestination {
    /// Of a command, or where no place can be told: the call itself. `digest`: of its canonical arguments.
    package static func text(tool: String, arguments: JSONObject, digest: String, isExact: Bool) -> String {
        let places = DestinationScanner.destinations(in: arguments)
        guard !isExact, !places.isEmpty, let words = words(places) else { return "exactly \(digest)" }
        let method = arguments["method"]?.stringValue.map { "\($0.uppercased().prefix(16)) " } ?? ""
        return "\(method)to \(words)"
    }

    /// `nil` where one of them can be read in more than one way.
    private static func words(_ places: [Destination]) -> String? {
        var words: Set<String> = []
        for place in places {
            switch place.form {
            case .place(let place):
                words.insert(
                    (place.scheme.map { "\($0)://" } ?? "") + "\(place.host)" + (place.port.map { ":\($0)" } ?? ""))
            case .mail(let text), .handle(let text), .named(let text): words.insert(text)
            case .phone(let digits): words.insert("+\(digits)")
            case .unclear: return nil
            }
        }
        return words.sorted().joined(separator: ", ")
    }
}
