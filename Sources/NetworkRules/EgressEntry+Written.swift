extension EgressEntry {
    /// An entry from what people write: international names, methods in any case. Throws a sentence that says what is
    /// wrong with which part.
    package init(
        written domain: String, ports: [Int] = [], methods: [String] = [], pathPrefixes: [String] = [],
        allowsUnnamedTLS: Bool = false
    ) throws(NetworkRuleError) {
        let pattern = try DomainPattern(written: domain)
        var numbers: Set<UInt16> = []
        for port in ports {
            guard let number = UInt16(exactly: port), number > 0 else {
                throw NetworkRuleError("\(port) is no port: a number from 1 to 65535 is.")
            }
            numbers.insert(number)
        }
        var names: Set<String> = []
        for method in methods {
            let name = method.uppercased()
            guard Self.methods.contains(name) else {
                throw NetworkRuleError(
                    "\(Authority.shown(method.utf8)) is no method that can be allowed: "
                        + "\(Self.methods.sorted().joined(separator: ", ")).")
            }
            names.insert(name)
        }
        for prefix in pathPrefixes {
            guard prefix.utf8.count <= 1000, !prefix.utf8.contains(UInt8(ascii: "?")), RequestPath(prefix) != nil else {
                throw NetworkRuleError(
                    "\(Authority.shown(prefix.utf8)) is no path to hold requests to: it starts with a slash and has no "
                        + "query, no empty or dot segments, and nothing encoded that separates.")
            }
        }
        guard !allowsUnnamedTLS || (names.isEmpty && pathPrefixes.isEmpty) else {
            throw NetworkRuleError(
                "An entry with methods or paths opens no tunnels, so nothing can be unnamed in them.")
        }
        self.init(
            domain: pattern, ports: numbers, methods: names, pathPrefixes: pathPrefixes,
            allowsUnnamedTLS: allowsUnnamedTLS)
    }

    private static let methods: Set<String> = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]

    /// One line: `*.example.com:443,8443 GET,POST /v1/ without-sni`, everything after the domain left out where it is the
    /// default. What `description` writes, this reads.
    package init(line: String) throws(NetworkRuleError) {
        var words = line.split(separator: " ")[...]
        guard words.count <= 40, let first = words.popFirst() else {
            throw NetworkRuleError("An entry starts with a host such as example.com or *.example.com.")
        }
        let parts = first.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            throw NetworkRuleError("\(Authority.shown(first.utf8)) has more than one colon.")
        }
        var ports: [Int] = []
        if parts.count == 2 {
            for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(part) else {
                    throw NetworkRuleError("\(Authority.shown(part.utf8)) is no port: a number from 1 to 65535 is.")
                }
                ports.append(port)
            }
        }
        let isUnnamed = words.last == Self.unnamed[...]
        if isUnnamed { words.removeLast() }
        var methods: [String] = []
        if let word = words.first, !word.hasPrefix("/") {
            methods = word.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            words.removeFirst()
        }
        try self.init(
            written: String(parts[0]), ports: ports, methods: methods, pathPrefixes: words.map(String.init),
            allowsUnnamedTLS: isUnnamed)
    }

    fileprivate static let unnamed = "without-sni"
}

extension EgressEntry: CustomStringConvertible {
    package var description: String {
        var words = ["\(domain)"]
        if !ports.isEmpty { words[0] += ":" + ports.sorted().map { "\($0)" }.joined(separator: ",") }
        if !methods.isEmpty { words.append(methods.sorted().joined(separator: ",")) }
        words += pathPrefixes
        if allowsUnnamedTLS { words.append(Self.unnamed) }
        return words.joined(separator: " ")
    }
}
