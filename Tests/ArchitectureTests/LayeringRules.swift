/// What may import what. Beside the manifest on purpose: a new arrow has to be drawn here too, where a reviewer sees it.
struct LayeringRules {
    /// From the top down; a target may import only what stands in a later row.
    var order: [[String]] = [
        ["bulkhead", "bulkhead-broker", "bulkhead-agent", "bulkhead-bench"],
        ["Daemon"],
        ["TestSupport"],
        ["Terminal", "Console", "Slack"],
        ["Drill"],
        ["Conversations"],
        ["WebRequests"],
        ["Hooks"],
        ["Scheduler"],
        ["Harness"],
        ["Sinks"],
        ["Vault"],
        ["Audit"],
        ["Hardening"],
        ["Policy"],
        ["Egress"],
        ["Compartments"],
        ["ModelGateway"],
        ["ToolServers"],
        ["Settings"],
        ["Broker"],
        ["BrokerClient"],
        ["BrokerProtocol"],
        ["DockerEngine"],
        ["Store"],
        ["AgentLoop", "WorkspaceTools"],
        ["SlackText"],
        ["LeakScan", "SlackAPI"],
        ["Markdown"],
        ["NetworkRules", "Routing", "Schedules", "UnixPeers"],
        ["MCP"],
        ["Model"],
        ["CLinux"],
    ]

    /// Third-party modules and their only importers.
    var importers: [String: Set<String>] = [
        "ArgumentParser": ["bulkhead", "bulkhead-broker"],
        "AsyncHTTPClient": ["ModelGateway", "Sinks", "SlackAPI", "Terminal", "Vault", "WebRequests"],
        "Crypto": [
            "Audit", "Console", "Daemon", "Hardening", "Harness", "Hooks", "Policy", "Scheduler", "SlackAPI", "Store",
            "Vault",
        ],
        "GRDB": ["Store"],
        "Hummingbird": ["Console"],
        "Logging": [
            "bulkhead", "bulkhead-broker", "bulkhead-bench", "Daemon", "Console", "Conversations", "Audit",
            "Compartments",
            "ModelGateway", "Broker", "DockerEngine", "Store", "Drill", "Egress", "Vault", "Slack",
            "SlackAPI", "Scheduler",
        ],
        "NIOCore": [
            "Console", "Drill", "Egress", "Sinks", "Terminal", "ModelGateway", "DockerEngine", "Vault", "WebRequests",
            "SlackAPI", "UnixPeers",
        ],
        "NIOHTTP1": ["ModelGateway", "Sinks", "DockerEngine", "SlackAPI", "Terminal", "Vault", "WebRequests"],
        "NIOSSL": ["Sinks", "SlackAPI", "Vault", "WebRequests"],
        "NIOPosix": ["Drill", "Egress", "ModelGateway", "DockerEngine", "SlackAPI"],
        "NIOWebSocket": ["SlackAPI"],
        "ServiceLifecycle": ["Console", "Daemon"],
        "UnixSignals": ["Daemon"],
        "Yams": ["Settings", "Policy"],
    ]

    /// Modules that act as root, and the only files that may know them: whoever reads those has read every way there.
    var soleImporters: [String: Set<String>] = [
        "Broker": ["Sources/bulkhead-broker/BrokerCommand.swift", "Sources/Daemon/InProcessBroker.swift"]
    ]

    /// Come with the toolchain; nobody declares them.
    var toolchain: Set<String> = [
        "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Swift", "Synchronization", "Testing",
    ]

    /// What runs in the containers: small, static, ignorant of the host.
    var containerSide: Set<String> = ["bulkhead-agent", "AgentLoop", "WorkspaceTools", "MCP", "CLinux"]

    /// A line for each broken rule.
    func violations(manifest: PackageManifest, sources: [SourceFile]) -> [String] {
        let rank = Dictionary(
            uniqueKeysWithValues: order.enumerated().flatMap { row in row.element.map { ($0, row.offset) } })
        var found: [String] = []
        for name in manifest.targets.keys.sorted() where !name.hasSuffix("Tests") && rank[name] == nil {
            found.append("Package.swift: target \(name) has no place in LayeringRules.order")
        }
        for file in sources {
            guard let declared = manifest.targets[file.target] else {
                found.append("\(file.path): no target \(file.target) in Package.swift")
                continue
            }
            for (line, module) in file.imports where module != file.target {
                let place = "\(file.path):\(line): imports \(module)"
                if toolchain.contains(module) {
                    if module == "Foundation", containerSide.contains(file.target) {
                        found.append("\(place): the container side takes FoundationEssentials at most")
                    }
                    continue
                }
                if let files = soleImporters[module], !files.contains(file.path) {
                    found.append("\(place), which only \(files.sorted().joined(separator: " and ")) may know")
                }
                if !declared.contains(module) { found.append("\(place), which Package.swift does not declare") }
                if let own = rank[file.target], let theirs = rank[module] {
                    if theirs <= own { found.append("\(place), which stands above or beside it") }
                    if containerSide.contains(file.target), !containerSide.contains(module) {
                        found.append("\(place): the container side knows nothing of the host")
                    }
                } else if importers[module]?.contains(file.target) != true {
                    found.append("\(place), of which it is no listed importer")
                }
            }
        }
        return found
    }
}
