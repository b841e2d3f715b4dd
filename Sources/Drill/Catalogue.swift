/// Every attempt there is, in the order of the table.
package enum Catalogue {
    package static func trials(in groups: Set<DrillGroup> = Set(DrillGroup.allCases)) -> [DrillTrial] {
        DrillGroup.allCases.filter(groups.contains).flatMap(trials)
    }

    static func trials(of group: DrillGroup) -> [DrillTrial] {
        switch group {
        case .network: network
        case .egress: EgressTrials.all.map(\.trial)
        case .container: containerPrivileges + containerFiles + containerNamespaces + containerKernel
        case .model: ModelTrials.all.map(\.trial)
        case .resources: resources + [ResourceTrials.flood, ResourceTrials.orphan]
        case .tenant: tenant + [TenantTrials.hook, TenantTrials.toolLink]
        case .secrets: secrets + SecretTrials.all
        }
    }

    /// Those that a script in the container decides; its claim is all there is.
    static func scripted(_ group: DrillGroup) -> [DrillTrial] {
        switch group {
        case .network: network
        case .container: trials(of: .container)
        case .resources: resources
        case .tenant: tenant
        case .secrets: secrets
        case .egress, .model: []
        }
    }

    private static func list(_ group: DrillGroup, _ trials: KeyValuePairs<String, String>) -> [DrillTrial] {
        trials.map { DrillTrial(group, $0.key, $0.value) }
    }

    private static let network = list(
        .network,
        [
            "tcp": "a TCP connection to an address outside", "udp": "a datagram to an address outside",
            "icmp": "an echo request, by a raw and by a ping socket", "dns": "a name, through whatever resolver is set",
            "ipv6": "an IPv6 address outside, by TCP and UDP", "link_local": "link-local addresses, IPv4 and IPv6",
            "metadata": "a cloud platform's metadata service", "private": "private networks, the engine's bridge too",
            "broadcast": "broadcast and multicast", "host_loopback": "a port on the host's own loopback",
            "interfaces": "a network device besides loopback", "routes": "a route anywhere",
            "configure": "configuring a network device",
        ])

    private static let resources = list(
        .resources,
        [
            "fork_bomb": "a fork bomb", "threads": "threads without end", "memory": "all the memory",
            "processors": "every processor at once", "file_size": "one file without end",
            "temporary_files": "a full /tmp", "inodes": "empty files without end",
            "open_files": "open files without end",
            "raise_limits": "giving itself more", "core_dump": "a core dump",
        ])

    private static let tenant = list(
        .tenant,
        [
            "user": "sharing a user of the system", "volume": "another session's canary in any file here",
            "volume_by_name": "another session's volume by its name",
            "planted_link": "a planted link to another session's volume", "processes": "another session's processes",
            "signals": "a signal to one of them", "loopback": "a port another session serves",
            "abstract_socket": "a socket of another session without a file", "socket": "another session's doors",
            "shared_memory": "shared memory of another session",
        ])

    private static let secrets = list(
        .secrets,
        [
            "environment": "variables that look like keys",
            "processes": "keys in any process's environment or arguments",
            "mounts": "folders where platforms put secrets", "files": "files that look like keys",
            "history": "what programs leave in a home",
        ])
}
