package import MCP
internal import NetworkRules

/// What a person wrote, read for the destinations in it.
package struct OwnWords: Sendable {
    private var verbatim: Set<String> = []
    private var forms: Set<Destination.Form> = []
    private var places: [WebPlace] = []
    private var words = ""

    package init(_ texts: [String]) {
        for text in texts {
            for chunk in DestinationScanner.chunks(of: text) { verbatim.insert(chunk) }
            for destination in DestinationScanner.scan(text) where destination.form != .unclear {
                forms.insert(destination.form)
                if case .place(let place) = destination.form { places.append(place) }
            }
            words += Self.folded(text) + "\n"
        }
    }

    /// The first destination of a call's arguments that does not stand here; `nil`: all of them do. What could be read in
    /// two ways stands here only where these words have it letter by letter.
    package func firstStranger(in arguments: JSONObject) -> Destination? {
        DestinationScanner.destinations(in: arguments).first { !covers($0) }
    }

    /// Whether a link to `host` is one that these words brought.
    func names(_ host: HostName) -> Bool {
        places.contains { $0.host == host }
            || forms.contains { if case .mail(let mail) = $0 { mail.hasSuffix("@\(host)") } else { false } }
    }

    func covers(_ destination: Destination) -> Bool {
        if verbatim.contains(destination.text) { return true }
        switch destination.form {
        case .place(let place): return places.contains { $0.covers(place) }
        case .mail, .phone, .handle: return forms.contains(destination.form)
        case .named(let name): return hasWord(name)
        case .unclear: return false
        }
    }

    /// As words of their own: not as a part of another.
    private func hasWord(_ name: String) -> Bool {
        var rest = words[...]
        while let range = rest.firstRange(of: name) {
            let before = range.lowerBound == words.startIndex ? nil : words[words.index(before: range.lowerBound)]
            let after = range.upperBound == words.endIndex ? nil : words[range.upperBound]
            if !Self.continuesWord(before), !Self.continuesWord(after) { return true }
            rest = rest[range.lowerBound...].dropFirst()
        }
        return false
    }

    private static func continuesWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || "-_@".contains($0) } ?? false
    }

    /// In lower case, with single blanks.
    static func folded(_ text: String) -> String {
        text.lowercased().split { $0.isWhitespace }.joined(separator: " ")
    }
}
