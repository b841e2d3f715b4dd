/// `example.com` (that host alone) or `*.example.com` (every host below it, not itself).
package struct DomainPattern: Hashable, Sendable, CustomStringConvertible {
    package let name: HostName
    package let isBelow: Bool

    /// `nil` for what is neither. A pattern for a whole top-level domain is none.
    package init?(_ text: String) {
        isBelow = text.hasPrefix("*.")
        guard let name = HostName(isBelow ? String(text.dropFirst(2)) : text) else { return nil }
        self.name = name
    }

    /// As people write it: international names too, which become what is compared.
    package init(written text: String) throws(NetworkRuleError) {
        isBelow = text.hasPrefix("*.")
        name = try HostName(written: isBelow ? String(text.dropFirst(2)) : text)
    }

    package func matches(_ host: HostName) -> Bool {
        guard isBelow else { return host == name }
        return host.labels.count > name.labels.count && host.labels.suffix(name.labels.count) == name.labels[...]
    }

    package var description: String { isBelow ? "*.\(name)" : "\(name)" }
}
