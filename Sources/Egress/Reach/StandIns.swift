package import NetworkRules

/// Names that are served on this machine's own loopback instead of being resolved: what tests and the drill reach
/// through a door. Nobody can turn a door on the machine with it: the names are those that no resolver will ever give an
/// address to (RFC 2606 and 6761), and no setting leads here.
package struct StandIns: Sendable {
    private let addresses: [HostName: IPAddress]

    package static let none = StandIns(unchecked: [:])

    /// Throws for a name outside `.test`, `.invalid`, `.example` and `.localhost`, and for an address that is not
    /// loopback.
    package init(_ addresses: [HostName: IPAddress]) throws(EgressError) {
        for (host, address) in addresses {
            guard let last = host.labels.last, ["test", "invalid", "example", "localhost"].contains(last) else {
                throw EgressError(
                    .standIn, "\(host) could be somebody's: only names below .test and the like stand in.")
            }
            guard AddressRules.whyNotPublic(address) == "loopback" else {
                throw EgressError(.standIn, "\(address) is not a loopback address, so nothing stands in there.")
            }
        }
        self.addresses = addresses
    }

    private init(unchecked addresses: [HostName: IPAddress]) {
        self.addresses = addresses
    }

    package subscript(host: HostName) -> IPAddress? { addresses[host] }
}
