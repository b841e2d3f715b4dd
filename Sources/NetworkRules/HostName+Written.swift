internal import Foundation

extension HostName {
    /// A name as people write it, in their own script too: normalised (NFC), in lower case, and each international label
    /// in the form that is sent (`xn--…`). Never for what a client sends: there a name is ASCII or none.
    ///
    /// Refuses what is not plainly convertible: labels of mixed scripts, which is how look-alikes are made, characters
    /// whose conversion differs between the two IDNA standards, and everything that is no letter, mark or digit.
    package init(written text: String) throws(NetworkRuleError) {
        guard text.utf8.count <= 1000 else { throw NetworkRuleError("The name is too long for a host.") }
        let name = text.precomposedStringWithCanonicalMapping.lowercased().precomposedStringWithCanonicalMapping
        var labels: [String] = []
        for label in name.split(separator: ".", omittingEmptySubsequences: false) {
            labels.append(label.utf8.allSatisfy { $0 < 0x80 } ? String(label) : try Self.encoded(label, of: text))
        }
        let ascii = labels.joined(separator: ".")
        guard let host = HostName(ascii) else {
            if ascii.contains(":") {
                throw NetworkRuleError(
                    "\(Self.shown(text)) is more than a host name: leave out the scheme, and name ports separately.")
            }
            throw NetworkRuleError(
                "\(Self.shown(text)) is no host name: write one like example.com, with two parts or more, letters, digits "
                    + "and hyphens. IP addresses are not reached.")
        }
        self = host
    }

    private static func encoded(_ label: Substring, of text: String) throws(NetworkRuleError) -> String {
        let scalars = Array(label.unicodeScalars)
        let scripts = Set(scalars.compactMap(WrittenScript.init))
        guard scalars.allSatisfy(WrittenScript.isTaken), scripts.count == 1, let script = scripts.first,
            scalars.first.map(WrittenScript.isMark) != true
        else {
            throw NetworkRuleError(
                "\(shown(text)) is not plainly convertible: a part of it mixes scripts or has a character that names do not "
                    + "take. Write it as it is registered, or in its xn-- form.")
        }
        if script == .rightToLeft, scalars.contains(where: { $0.value < 0x80 }) {
            throw NetworkRuleError("\(shown(text)) mixes directions of writing. Write it in its xn-- form.")
        }
        guard let punycode = Punycode.encoded(scalars) else {
            throw NetworkRuleError("\(shown(text)) is too long for a host.")
        }
        return "xn--\(punycode)"
    }

    private static func shown(_ text: String) -> String {
        String(text.prefix(100).map { $0.unicodeScalars.allSatisfy { !WrittenScript.isHidden($0) } ? $0 : "?" })
    }
}
