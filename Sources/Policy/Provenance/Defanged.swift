internal import NetworkRules

extension OwnWords {
    /// `text` with the links that do not lead to a host of these words written so that nothing follows them and people
    /// still read them: `hxxps://example[.]org`. One pass.
    package func defanged(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while !rest.isEmpty {
            let between = rest.prefix { Self.isDelimiter($0) }
            result += between
            rest = rest.dropFirst(between.count)
            let run = rest.prefix { !Self.isDelimiter($0) }
            result += defanged(run: run)
            rest = rest.dropFirst(run.count)
        }
        return result
    }

    /// What no address goes on behind, in any way of writing links.
    private static func isDelimiter(_ character: Character) -> Bool {
        character.isWhitespace || "\"'<>`|()[]{}".contains(character)
    }

    private func defanged(run: Substring) -> String {
        var result = ""
        var rest = run
        while let mark = rest.firstRange(of: "://") {
            let scheme = String(
                rest[..<mark.lowerBound].reversed().prefix {
                    $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0))
                }
                .reversed())
            let authority = rest[mark.upperBound...].prefix { !"/?#\\".contains($0) }
            result += rest[..<mark.lowerBound].dropLast(scheme.count)
            if isOurs("https://" + authority) {
                result += scheme + "://" + authority
            } else {
                let isWeb = scheme.lowercased().hasPrefix("http")
                result += (isWeb ? "hxxp" + scheme.dropFirst(4) + "://" : scheme + "[:]//") + Self.broken(authority)
            }
            rest = rest[authority.endIndex...]
        }
        guard rest.startIndex == run.startIndex else { return result + rest }
        return defanged(word: rest)
    }

    /// What has no `://` and is a link to some readers.
    private func defanged(word: Substring) -> String {
        if let mark = word.firstRange(of: ":"), word[..<mark.lowerBound].lowercased() == "mailto" {
            let address = word[mark.upperBound...].prefix { $0 != "?" }
            if covers(Destination(text: String(address), form: .mail(address.lowercased()))) { return String(word) }
            return word.map { $0 == ":" ? "[:]" : $0 == "@" ? "[at]" : String($0) }.joined()
        }
        for start in ["//", "\\\\", "www."] where word.lowercased().hasPrefix(start) {
            let tail = word.dropFirst(start == "www." ? 0 : start.count)
            let authority = tail.prefix { !"/?#\\".contains($0) }
            guard authority.contains("."), !isOurs("https://" + authority) else { return String(word) }
            return (start == "www." ? "" : "[" + start + "]") + Self.broken(authority) + tail.dropFirst(authority.count)
        }
        return String(word)
    }

    private func isOurs(_ address: String) -> Bool {
        guard let host = HostName(ofURL: DestinationScanner.trimmed(address)) else { return false }
        return names(host)
    }

    private static func broken(_ authority: some StringProtocol) -> String {
        authority.map { $0 == "." ? "[.]" : String($0) }.joined()
    }
}
