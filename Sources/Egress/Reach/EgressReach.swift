package import Model
package import NetworkRules

/// How a name becomes an address that may be dialled: resolved here, and refused if any of its addresses is not the
/// public internet's. Whoever dials takes the address from here and never the name again.
package struct EgressReach: Sendable {
    private let resolver: any Resolver
    private let standIns: StandIns
    private let deadline: Duration

    /// The default is the product's: the system's resolver, and no exemption.
    package init(
        resolver: any Resolver = SystemResolver(), standIns: StandIns = .none,
        deadline: Duration = EgressLimits().resolveDeadline
    ) {
        self.resolver = resolver
        self.standIns = standIns
        self.deadline = deadline
    }

    /// All addresses of the host, every one of them checked, in the order they should be tried; at least one.
    package func checkedAddresses(
        of host: HostName, for session: SessionID
    ) async throws(EgressError) -> [IPAddress] {
        if let standIn = standIns[host] { return [standIn] }
        let addresses = try await resolve(host, for: session)
        guard !addresses.isEmpty else { throw EgressError(.resolve, "\(host) has no address.") }
        for address in addresses {
            if let what = AddressRules.whyNotPublic(address) {
                throw EgressError(
                    .address, "\(host) has the address \(address), which is \(what): only public addresses are reached."
                )
            }
            if LocalAddresses.contains(address) {
                throw EgressError(
                    .address,
                    "\(host) has the address \(address), which is this machine's own and not reached from here.")
            }
        }
        return addresses
    }

    /// The address to dial for this target, for clients that bring a dialler of their own
    /// (AsyncHTTPClient's `dnsOverride`).
    package func checkedAddress(
        of target: Authority, for session: SessionID
    ) async throws(EgressError) -> IPAddress {
        let addresses = try await checkedAddresses(of: target.host, for: session)
        // Those who dial one address only are served best by IPv4, which a host may lack a route beyond less often.
        return addresses.first { !$0.isVersion6 } ?? addresses[0]
    }

    private func resolve(_ host: HostName, for session: SessionID) async throws(EgressError) -> [IPAddress] {
        let resolver = resolver
        do {
            return try await Deadline.within(deadline) { try await resolver.addresses(of: host, for: session) }
        } catch let error as EgressError {
            throw error
        } catch is Deadline.Passed {
            throw EgressError(.resolve, "\(host) was not resolved in time.")
        } catch {
            throw EgressError(.resolve, "\(host) could not be resolved: \(error)")
        }
    }
}
