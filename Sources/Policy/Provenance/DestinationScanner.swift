internal import Foundation
internal import MCP
internal import NetworkRules

/// Finds destinations in texts. Of what somebody else may have chosen (a call's arguments) it finds too much rather than
/// too little, and says of what could be read in two ways that it is unclear.
enum DestinationScanner {
    /// In every text of the arguments, names of members included, and whatever stands where a recipient belongs.
    static func destinations(in arguments: JSONObject) -> [Destination] {
        var found: [Destination] = []
        walk(.object(arguments), isRecipient: false, into: &found)
        return found
    }

    private static func walk(_ value: JSONValue, isRecipient: Bool, into found: inout [Destination]) {
        switch value {
        case .string(let text): found += isRecipient ? recipients(in: text) : suspicious(text)
        case .int(let number): if isRecipient { found += recipients(in: String(number)) }
        case .double(let number): if isRecipient { found += recipients(in: "\(number)") }
        case .array(let items): for item in items { walk(item, isRecipient: isRecipient, into: &found) }
        case .object(let object):
            for (key, value) in object {
                found += suspicious(key)
                walk(value, isRecipient: isRecipient || isRecipientKey(key), into: &found)
            }
        case .null, .bool: break
        }
    }

    private static let recipientKeys: Set<String> = [
        "to", "cc", "bcc", "recipient", "receiver", "address", "emailaddress", "email", "mail", "phone", "phonenumber",
        "tel", "fax", "sms", "channel", "room", "chat", "group", "user", "person", "attendee", "invitee", "participant",
        "assignee", "target", "destination", "dest", "url", "uri", "href", "link", "host", "hostname", "domain",
        "server", "endpoint", "webhook", "webhookurl", "callback", "callbackurl", "repo", "repository", "remote",
        "bucket", "site", "account", "iban", "inbox", "list", "workspace",
    ]

    private static func isRecipientKey(_ key: String) -> Bool {
        var word = String(key.lowercased().filter { $0.isLetter })
        if recipientKeys.contains(word) { return true }
        for ending in ["ids", "id", "names", "name", "es", "s"] where word.hasSuffix(ending) {
            word = String(word.dropLast(ending.count))
            return recipientKeys.contains(word)
        }
        return false
    }

    /// What is listed there, each by itself; a name that nothing is known of is a destination all the same.
    private static func recipients(in text: String) -> [Destination] {
        text.split { ",;\n".contains($0) }.flatMap { part -> [Destination] in
            let found = suspicious(String(part))
            guard found.isEmpty else { return found }
            let name = OwnWords.folded(String(part)).trimmingCharacters(in: .whitespaces)
            guard !name.isEmpty else { return [] }
            let digits = name.filter(\.isNumber)
            let isNumber = digits.count >= 7 && name.allSatisfy { $0.isNumber || "+-()/. ".contains($0) }
            return [Destination(text: String(part), form: isNumber ? .phone(digits) : .named(name))]
        }
    }

    /// `scan`, and what only shows once invisible characters, look-alikes of ASCII and percent signs are resolved.
    private static func suspicious(_ text: String) -> [Destination] {
        var found = scan(text)
        var seen = Set(found.map(\.form))
        var variant = text
        for turn in 0..<4 {
            let next = turn == 0 ? plain(variant) : (variant.removingPercentEncoding ?? variant)
            guard turn == 0 || next != variant else { break }
            variant = next
            for destination in scan(variant) where seen.insert(destination.form).inserted {
                found.append(Destination(text: destination.text, form: .unclear))
            }
        }
        return found
    }

    private static func plain(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.precomposedStringWithCompatibilityMapping.unicodeScalars {
            if scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .format {
                continue
            }
            scalars.append(scalar == "\u{3002}" ? "." : scalar)
        }
        return String(scalars)
    }

    // MARK: One text

    static func scan(_ text: String) -> [Destination] {
        var found = phones(in: text)
        for chunk in chunks(of: text) { scan(chunk: chunk, into: &found) }
        return found
    }

    static func chunks(of text: String) -> [String] {
        text.unicodeScalars.split {
            $0.properties.isWhitespace || $0.value < 0x20 || "\"<>`|".unicodeScalars.contains($0)
        }
        .map { trimmed(String(String.UnicodeScalarView($0))) }.filter { !$0.isEmpty }
    }

    /// Without the punctuation of the sentence around it.
    static func trimmed(_ text: String) -> String {
        let leading = text.drop { "([{'*_~!,;:".contains($0) }
        return String(leading.reversed().drop { ".,;:!?'*_~)]}".contains($0) }.reversed())
    }

    private static func scan(chunk: String, into found: inout [Destination]) {
        if chunk.contains("\\") {
            // Some readers take these for slashes.
            var other: [Destination] = []
            scan(chunk: String(chunk.map { $0 == "\\" ? "/" : $0 }), into: &other)
            found += other.map { Destination(text: $0.text, form: .unclear) }
            return
        }
        if let mark = chunk.firstRange(of: "://") {
            let scheme = chunk[..<mark.lowerBound].reversed().prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
            let start = chunk.index(mark.lowerBound, offsetBy: -scheme.count)
            let address = String(chunk[start...])
            found.append(place(address))
            let before = trimmed(String(chunk[..<start]))
            if !before.isEmpty { scan(chunk: before, into: &found) }
            // What hides in it (`https://a/?next=https://b`) goes somewhere too.
            let after = trimmed(String(chunk[mark.upperBound...].drop { !"?#&=,;".contains($0) }))
            if !after.isEmpty { scan(chunk: after, into: &found) }
            return
        }
        for piece in chunk.split(whereSeparator: { ",;()[]{}=&?'".contains($0) }) {
            scan(piece: String(piece), into: &found)
        }
    }

    private static func scan(piece: String, into found: inout [Destination]) {
        var text = trimmed(piece)
        for prefix in ["mailto:", "tel:", "sms:"] where text.lowercased().hasPrefix(prefix) {
            text = String(text.dropFirst(prefix.count))
        }
        if text.hasPrefix("//") || text.contains("%2") {
            if text.contains(where: { $0.isLetter }) { found.append(Destination(text: text, form: .unclear)) }
        } else if text.contains("@") {
            found.append(mailOrHandle(text))
        } else if text.first == "#" {
            guard text.dropFirst().contains(where: \.isLetter) else { return }
            found.append(handle(text))
        } else if let place = bareHost(text) {
            found.append(place)
        } else if let mark = text.firstRange(of: ":") {
            // `https:host` is an address to some readers.
            var other: [Destination] = []
            scan(piece: String(text[mark.upperBound...]), into: &other)
            found += other.map { Destination(text: $0.text, form: .unclear) }
        }
    }

    private static func mailOrHandle(_ text: String) -> Destination {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        if parts.count == 2, parts[0].isEmpty { return handle(text) }
        guard parts.count == 2, HostName(String(parts[1])) != nil, isPlain(parts[0]) else {
            return Destination(text: text, form: .unclear)
        }
        let low = text.lowercased()
        return Destination(text: text, form: .mail(low.hasSuffix(".") ? String(low.dropLast()) : low))
    }

    private static func handle(_ text: String) -> Destination {
        let isClear = text.dropFirst().unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "_-.0123456789".unicodeScalars.contains($0)
        }
        return Destination(text: text, form: isClear ? .handle(OwnWords.folded(text)) : .unclear)
    }

    private static func place(_ text: String) -> Destination {
        Destination(text: text, form: WebPlace(text).map { .place($0) } ?? .unclear)
    }

    private static func bareHost(_ text: String) -> Destination? {
        let name = text.prefix { !"/?#:".contains($0) }
        guard
            name.contains(".")
                || name.unicodeScalars.contains(where: { "\u{3002}\u{FF0E}\u{FF61}".unicodeScalars.contains($0) })
        else { return nil }
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else {
            // A host of other letters, or a sentence without a blank: not ours to tell.
            return name.contains(where: \.isLetter) ? Destination(text: text, form: .unclear) : nil
        }
        if name.allSatisfy({ $0.isNumber || $0 == "." }) {
            return name.split(separator: ".").count == 4 ? Destination(text: text, form: .unclear) : nil
        }
        guard let host = HostName(String(name)), let last = host.labels.last else {
            return name.contains("%") ? Destination(text: text, form: .unclear) : nil
        }
        guard last.utf8.count >= 2, !fileEndings.contains(last) else { return nil }
        return place(text)
    }

    /// Endings of files that are no top-level domains. (`.zip`, `.md`, `.py` and `.sh` are.)
    private static let fileEndings: Set<String> = [
        "pdf", "csv", "tsv", "xls", "xlsx", "doc", "docx", "ppt", "pptx", "odt", "ods", "odp", "rtf", "txt", "log",
        "json", "xml", "yaml", "yml", "toml", "ini", "html", "htm", "css", "js", "sql", "png", "jpg", "jpeg", "gif",
        "svg", "webp", "mp3", "mp4", "wav", "tar", "gz", "eml", "ics", "swift",
    ]

    private static func isPlain(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && !"\\\"%".unicodeScalars.contains($0) }
    }

    /// `+49 170 123-4567`, `0049…`: seven digits and more.
    private static func phones(in text: String) -> [Destination] {
        var found: [Destination] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "+") {
            let run = rest[start...].dropFirst().prefix { $0.isNumber || "-()/. \u{A0}".contains($0) }
            let digits = run.compactMap { $0.wholeNumberValue }.map(String.init).joined()
            if digits.count >= 7 { found.append(Destination(text: "+" + trimmed(String(run)), form: .phone(digits))) }
            rest = rest[start...].dropFirst(1 + run.count)
        }
        return found
    }
}
