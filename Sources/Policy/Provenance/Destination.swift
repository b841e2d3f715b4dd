internal import NetworkRules

/// Where something goes, as it stands in a text: an address of the web, of a person, of a channel.
package struct Destination: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        case place(WebPlace)
        /// In lower case.
        case mail(String)
        /// Its digits.
        case phone(String)
        /// `#channel` or `@person`, in lower case.
        case handle(String)
        /// What stands where a recipient belongs and is none of the above, in lower case.
        case named(String)
        /// Looks like a destination and could be read in more than one way.
        case unclear
    }

    /// As it stands there.
    package let text: String
    let form: Form
}

/// A host, with as much of a URL around it as there was.
struct WebPlace: Hashable, Sendable {
    /// `nil` for a bare host.
    let scheme: String?
    let host: HostName
    /// `nil` where it is the scheme's own.
    let port: String?
    /// From the first slash on, without query and fragment; empty where there is none.
    let path: String
    /// From `?` or `#` on.
    let rest: String

    /// `nil` wherever two readers could differ about the host.
    init?(_ text: String) {
        guard let host = HostName(ofURL: text) else { return nil }
        self.init(host, text)
    }

    private init(_ host: HostName, _ text: String) {
        self.host = host
        var tail = text[...]
        var scheme: String?
        if let mark = text.firstRange(of: "://") {
            scheme = text[..<mark.lowerBound].lowercased()
            tail = text[mark.upperBound...]
        }
        self.scheme = scheme
        let authority = tail.prefix { !["/", "?", "#"].contains($0) }
        let port = authority.split(separator: ":").dropFirst().first.map(String.init)
        self.port = port == (scheme == "http" ? "80" : "443") ? nil : port
        tail = tail.dropFirst(authority.count)
        let path = tail.prefix { $0 != "?" && $0 != "#" }
        self.path = path == "/" ? "" : String(path)
        rest = String(tail.dropFirst(path.count))
    }

    /// Whether whoever wrote this meant `other` by it: a host stands for all that is there, a longer address for itself
    /// and what lies below it. Many hosts have many owners, and the path says whose.
    func covers(_ other: WebPlace) -> Bool {
        guard host == other.host, port == other.port else { return false }
        guard scheme == nil || scheme == other.scheme || (scheme == "http" && other.scheme == "https") else {
            return false
        }
        guard !path.isEmpty || !rest.isEmpty else { return true }
        guard other.hasPlainPath else { return false }
        guard rest.isEmpty else { return path == other.path && rest == other.rest }
        return path == other.path || other.path.hasPrefix(path.hasSuffix("/") ? path : path + "/")
    }

    /// Without what a server may take for a step up or aside.
    private var hasPlainPath: Bool {
        let low = path.lowercased()
        return !["..", "//", "\\", "%2e", "%2f", "%5c", "%25", ";"].contains { low.contains($0) }
    }
}
