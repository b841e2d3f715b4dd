extension LeakGuard {
    /// The text with a note in place of each secret in it. The same text where none is.
    package func screened(_ text: String, in subject: LeakSubject) -> Screened<String> {
        let result = screened([text], in: subject)
        return Screened(result.value[0], findings: result.findings)
    }

    /// Texts that stand one after the other: what begins in one and ends in the next is found too.
    package func screened(_ texts: [String], in subject: LeakSubject) -> Screened<[String]> {
        let (automaton, exemptions) = current(for: subject.session)
        let count = texts.reduce(texts.count) { $0 + $1.utf8.count }
        if texts.count == 1 {
            var text = texts[0]
            let found = text.withUTF8 { bytes in
                Self.places(automaton, automaton.scan(bytes).matches, bytes, exemptions, subject)
            }
            return found.isEmpty
                ? Screened(texts) : Screened([Self.replaced(text, found)], findings: Self.findings(found))
        }
        var joined: [UInt8] = []
        joined.reserveCapacity(count)
        for text in texts {
            joined += text.utf8
            joined.append(UInt8(ascii: "\n"))
        }
        let found = joined.withUnsafeBufferPointer { bytes in
            Self.places(automaton, automaton.scan(bytes).matches, bytes, exemptions, subject)
        }
        guard !found.isEmpty else { return Screened(texts) }
        // Both are in order: none is held against all of the others.
        var (start, first) = (0, 0)
        let result = texts.map { text in
            let own = start..<start + text.utf8.count
            start = own.upperBound + 1
            while first < found.count, found[first].range.upperBound <= own.lowerBound { first += 1 }
            let here = found[first...].prefix { $0.range.lowerBound < own.upperBound }.compactMap { $0.within(own) }
            return here.isEmpty ? text : Self.replaced(text, here)
        }
        return Screened(result, findings: Self.findings(found))
    }

    /// What is to be replaced, in order, without overlaps.
    struct Place {
        var range: Range<Int>
        var findings: [LeakFinding]
        /// In place of it.
        var note: String

        func within(_ part: Range<Int>) -> Place? {
            let common = range.clamped(to: part)
            guard !common.isEmpty else { return nil }
            return Place(
                range: common.lowerBound - part.lowerBound..<common.upperBound - part.lowerBound, findings: findings,
                note: note)
        }
    }

    static func places(
        _ automaton: LeakAutomaton, _ matches: [LeakMatch], _ text: UnsafeBufferPointer<UInt8>,
        _ exemptions: Exemptions, _ subject: LeakSubject
    ) -> [Place] {
        guard !matches.isEmpty else { return [] }
        var places: [Place] = []
        for match in matches {
            var range = match.range
            let finding: LeakFinding
            var note: String
            switch automaton.patterns[match.pattern].target {
            case .secret(let index, let form):
                let secret = automaton.secrets[index]
                let isOwn = secret.owner == nil || secret.owner == subject.requester
                // Of a record that is nobody's in particular everybody may be the one it is about.
                let isAnybodys = subject.isRecord && subject.requester == nil
                guard !exemptions.secrets.contains(secret.id), isOwn || isAnybodys || !secret.isForOwnerAlone else {
                    continue
                }
                finding = LeakFinding(
                    source: .secret(id: secret.id, owner: secret.owner), name: secret.name, form: form)
                // That somebody else has such a secret, and what they call it, is theirs to know; records others read.
                let isNamed = secret.owner == nil || (isOwn && !subject.isRecord)
                note = isNamed ? "[secret \(secret.name) withheld]" : "[a secret withheld]"
                if form == "base64" { range = widened(range, in: text) }
            case .token(let form):
                guard exemptions.tokens.isEmpty || !exemptions.tokens.contains(Array(text[range])) else { continue }
                finding = LeakFinding(source: .token, name: form.name, form: "plain")
                note = "[\(form.name) withheld]"
            }
            places.append(Place(range: range, findings: [finding], note: note))
        }
        places.sort {
            ($0.range.lowerBound, $1.range.upperBound) < ($1.range.lowerBound, $0.range.upperBound)
        }
        return merged(places)
    }

    private static func merged(_ places: [Place]) -> [Place] {
        var result: [Place] = []
        for place in places {
            let last = result.count - 1
            guard last >= 0, place.range.lowerBound < result[last].range.upperBound else {
                result.append(place)
                continue
            }
            // One of them is more to be told than a token of no known owner.
            if case .token = result[last].findings[0].source, case .secret = place.findings[0].source {
                result[last].note = place.note
            }
            for finding in place.findings where !result[last].findings.contains(finding) {
                result[last].findings.append(finding)
            }
            let range = result[last].range
            result[last].range = range.lowerBound..<max(range.upperBound, place.range.upperBound)
        }
        return result
    }

    /// The characters at both ends hold some bits of it too.
    private static func widened(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        func isBase64(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x2D, 0x5F, 0x3D: true
            default: false
            }
        }
        let start = range.lowerBound > 0 && isBase64(text[range.lowerBound - 1]) ? 1 : 0
        var end = range.upperBound
        while end < text.count, end < range.upperBound + LeakAutomaton.base64Tail, isBase64(text[end]) { end += 1 }
        return range.lowerBound - start..<end
    }

    static func replaced(_ text: String, _ places: [Place]) -> String {
        var text = text
        return text.withUTF8 { String(decoding: replaced($0[...], places), as: UTF8.self) }
    }

    static func replaced(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ places: [Place]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        for place in places {
            result += bytes[position..<place.range.lowerBound]
            result += place.note.utf8
            position = place.range.upperBound
        }
        result += bytes[position...]
        return result
    }

    static func findings(_ places: [Place]) -> [LeakFinding] {
        var known: Set<LeakFinding> = []
        return places.flatMap(\.findings).filter { known.insert($0).inserted }
    }
}

/// Well-known forms of tokens, for whoever has no live secrets to look for.
package enum KnownTokens {
    package static func isFound(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { LeakAutomaton.tokens.isAnythingFound(in: $0) }
    }
}
