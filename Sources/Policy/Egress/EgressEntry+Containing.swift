package import NetworkRules

extension EgressEntry {
    /// Whether whoever has this has all of `other`.
    package func contains(_ other: EgressEntry) -> Bool {
        guard
            domain == other.domain || !other.domain.isBelow && domain.matches(other.domain.name)
                || other.domain.isBelow && domain.isBelow && domain.matches(other.domain.name)
        else { return false }
        func ports(_ entry: EgressEntry) -> Set<UInt16> { entry.ports.isEmpty ? [80, 443] : entry.ports }
        return ports(self).isSuperset(of: ports(other))
            && (methods.isEmpty || !other.methods.isEmpty && methods.isSuperset(of: other.methods))
            && (pathPrefixes.isEmpty || !other.pathPrefixes.isEmpty && other.pathPrefixes.allSatisfy(covers))
            && (allowsUnnamedTLS || !other.allowsUnnamedTLS)
    }

    private func covers(_ path: String) -> Bool {
        guard let path = RequestPath(path) else { return false }
        return pathPrefixes.contains { RequestPath($0).map(path.isBelow) == true }
    }
}
