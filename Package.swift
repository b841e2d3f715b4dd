// swift-tools-version: 6.2
import PackageDescription

// One target per module of docs/modules.md; arrows point down only (Tests/ArchitectureTests holds them to it).

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, resources: resources, swiftSettings: strict)
}

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioWebSocket = product(name: "NIOWebSocket", package: "swift-nio")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams = product(name: "Yams", package: "Yams")
}

let package = Package(
    name: "bulkhead",
    products: [
        .executable(name: "bulkhead", targets: ["bulkhead"]),
        .executable(name: "bulkhead-broker", targets: ["bulkhead-broker"]),
        .executable(name: "bulkhead-agent", targets: ["bulkhead-agent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Executables: parse, wire, run.
        .executableTarget(
            name: "bulkhead", dependencies: ["Daemon", "MCP", "Model", "Terminal", .argumentParser],
            swiftSettings: strict),
        .executableTarget(
            name: "bulkhead-broker", dependencies: ["Broker", .argumentParser, .logging], swiftSettings: strict),
        .executableTarget(
            name: "bulkhead-agent", dependencies: ["AgentLoop", "WorkspaceTools"], swiftSettings: strict,
            // The containers hold no Swift runtime: this binary alone carries it, statically.
            linkerSettings: [
                .unsafeFlags(["-static-stdlib"]), .linkedLibrary("_FoundationCShims"),
                .linkedLibrary("_FoundationCollections"), .linkedLibrary("swiftSynchronization"),
            ]),

        // Host side, from the top down.
        module(
            "Daemon",
            [
                "Audit", "Broker", "BrokerClient", "BrokerProtocol", "CLinux", "Compartments", "Console",
                "Conversations", "Drill", "Egress", "Harness", "Hooks", "LeakScan", "MCP", "Model", "ModelGateway",
                "NetworkRules", "Policy", "Scheduler", "Settings", "Sinks", "Slack", "SlackAPI", "SlackText", "Store",
                "ToolServers",
                "Vault",
                "WebRequests", .crypto, .logging, .unixSignals,
            ]),
        module(
            "Terminal",
            [
                "BrokerClient", "BrokerProtocol", "DockerEngine", "Hardening", "MCP", "Markdown", "Model", "Policy",
                "Routing", "Schedules", "Settings", "SlackAPI", "ToolServers", .asyncHTTPClient, .nioCore, .nioHTTP1,
            ]),
        .target(
            name: "Console",
            dependencies: [
                "Conversations", "MCP", "Model", "UnixPeers", .hummingbird, .logging, .crypto, .nioCore,
                .serviceLifecycle,
            ],
            // Compiled in: the program needs no files beside it.
            resources: [.embedInCode("Web")], swiftSettings: strict),
        module("Slack", ["Conversations", "MCP", "Model", "SlackAPI", "SlackText", "Store", .logging]),
        .target(
            name: "Drill",
            dependencies: [
                "Audit", "Compartments", "Egress", "LeakScan", "MCP", "Model", "ModelGateway",
                "NetworkRules", .logging, .nioCore, .nioPosix,
            ],
            // Compiled in, for a sandbox to be given.
            resources: [.embedInCode("Scripts")], swiftSettings: strict),
        module(
            "Conversations",
            [
                "Audit", "Egress", "Harness", "Hooks", "LeakScan", "MCP", "Model", "NetworkRules", "Policy", "Store",
                "ToolServers", "Vault", "WorkspaceTools", .logging,
            ]),
        module(
            "WebRequests",
            [
                "Egress", "MCP", "Model", "NetworkRules", "ToolServers", "Vault", .asyncHTTPClient, .nioCore, .nioHTTP1,
                .nioSSL,
            ]),
        module(
            "Scheduler",
            ["MCP", "Model", "Policy", "Schedules", "Store", "ToolServers", .crypto, .logging]),
        module("Hooks", ["Audit", "CLinux", "Harness", "MCP", "Model", "Policy", "Store", "ToolServers", .crypto]),
        module("Harness", ["Audit", "LeakScan", "MCP", "Model", "Policy", "Store", "ToolServers", .crypto]),
        module("Sinks", ["Audit", "MCP", "Model", .asyncHTTPClient, .nioCore, .nioHTTP1, .nioSSL]),
        module("Audit", ["LeakScan", "MCP", "Model", "Store", .crypto, .logging]),
        module("Policy", ["LeakScan", "MCP", "Model", "NetworkRules", .crypto, .yams]),
        module(
            "Vault",
            [
                "Audit", "LeakScan", "MCP", "Model", "NetworkRules", "Store", "ToolServers", .asyncHTTPClient, .crypto,
                .logging, .nioCore, .nioHTTP1, .nioSSL,
            ]),
        module(
            "Hardening",
            ["BrokerProtocol", "DockerEngine", "MCP", "Model", "Policy", "Settings", "ToolServers", .crypto]),
        module("Egress", ["Model", "NetworkRules", "UnixPeers", .logging, .nioCore, .nioPosix]),
        module("Compartments", ["BrokerClient", "BrokerProtocol", "MCP", "Model", .logging]),
        module(
            "ModelGateway",
            ["LeakScan", "MCP", "Model", "UnixPeers", .asyncHTTPClient, .logging, .nioCore, .nioPosix, .nioHTTP1]),
        module("ToolServers", ["MCP", "Model"]),
        module("Broker", ["BrokerProtocol", "CLinux", "DockerEngine", "MCP", "Model", .logging]),
        module("BrokerClient", ["BrokerProtocol", "CLinux", "MCP", "Model"]),
        module("BrokerProtocol", ["CLinux", "MCP", "Model"]),
        module("DockerEngine", ["MCP", .logging, .nioCore, .nioPosix, .nioHTTP1]),
        module("Store", ["MCP", "Model", .crypto, .grdb, .logging]),
        module("Settings", ["Model", .yams]),
        module(
            "SlackAPI",
            ["MCP", .asyncHTTPClient, .crypto, .logging, .nioCore, .nioHTTP1, .nioPosix, .nioSSL, .nioWebSocket]),
        module("LeakScan", ["MCP", "Model"]),
        module("SlackText", ["MCP", "Markdown", "NetworkRules"]),
        module("Markdown", []),
        module("NetworkRules", []),
        module("Routing", []),
        module("UnixPeers", [.nioCore]),
        module("Schedules", ["Model"]),
        module("Model", []),

        // Container side: knows nothing of the host.
        module("AgentLoop", ["CLinux", "MCP"]),
        module("WorkspaceTools", ["CLinux", "MCP"]),

        // Shared by both.
        module("MCP", []),
        .target(name: "CLinux"),

        .target(
            name: "TestSupport", dependencies: ["MCP", .asyncHTTPClient, .nioCore, .nioHTTP1, .nioSSL],
            path: "Tests/TestSupport", swiftSettings: strict),

        tests(of: "MCP", ["MCP"]),
        tests(of: "NetworkRules", ["NetworkRules"]),
        tests(
            of: "Scheduler",
            ["Scheduler", "MCP", "Model", "Policy", "Schedules", "Store", "ToolServers", .logging]),
        tests(of: "Schedules", ["Schedules", "Model"]),
        tests(
            of: "Routing", ["Routing", .crypto], resources: [.embedInCode("Resources/company-requests.jsonl")]),
        tests(of: "LeakScan", ["LeakScan", "MCP", "Model"]),
        tests(of: "Egress", ["Egress", "Model", "NetworkRules", .logging, .nioCore, .nioEmbedded, .nioPosix]),
        tests(
            of: "Vault",
            ["Vault", "Audit", "LeakScan", "MCP", "Model", "NetworkRules", "Store", "ToolServers", .crypto, .logging]),
        tests(
            of: "WebRequests",
            ["WebRequests", "Egress", "MCP", "Model", "NetworkRules", "ToolServers", "Vault"]),
        tests(of: "Hardening", ["Hardening", "BrokerProtocol", "DockerEngine", "MCP", "Model", "Policy", "Settings"]),
        tests(
            of: "Drill",
            ["Drill", "Audit", "Egress", "MCP", "Model", "ModelGateway", "NetworkRules", "Store", .logging]),
        tests(of: "AgentLoop", ["AgentLoop", "CLinux", "MCP"]),
        tests(of: "WorkspaceTools", ["WorkspaceTools", "MCP"]),
        tests(of: "DockerEngine", ["DockerEngine", "MCP", .nioCore]),
        tests(
            of: "Broker",
            ["Broker", "BrokerClient", "BrokerProtocol", "CLinux", "DockerEngine", "MCP", "Model", .logging]),
        tests(
            of: "Compartments",
            ["Compartments", "Broker", "BrokerClient", "BrokerProtocol", "DockerEngine", "MCP", "Model", .logging]),
        tests(of: "Store", ["Store", "MCP", "Model", .grdb]),
        tests(
            of: "Harness",
            ["Harness", "Audit", "LeakScan", "MCP", "Model", "Policy", "Store", "ToolServers", .grdb]),
        tests(
            of: "Hooks",
            ["Hooks", "Audit", "Broker", "BrokerClient", "BrokerProtocol", "MCP", "Model", "Policy", "Store", .logging]),
        tests(of: "Sinks", ["Sinks", "Audit", "MCP", "Model", "Store", .logging]),
        tests(of: "Audit", ["Audit", "MCP", "Model", "Store", .grdb, .logging]),
        tests(of: "Policy", ["Policy", "MCP", "Model", "NetworkRules", "TestSupport"]),
        tests(of: "ModelGateway", ["ModelGateway", "LeakScan", "MCP", "Model", .nioCore, .nioHTTP1]),
        tests(of: "Settings", ["Settings", "Model"]),
        tests(
            of: "Conversations",
            [
                "Conversations", "Audit", "Egress", "Harness", "LeakScan", "MCP", "Model", "NetworkRules", "Policy",
                "Store", "ToolServers", "Vault", "WorkspaceTools", .grdb, .logging,
            ]),
        tests(
            of: "Terminal", ["Terminal", "Hardening", "MCP", "Markdown", "Model", "Policy", "Settings", "TestSupport"]),
        tests(
            of: "Console",
            [
                "Console", "Conversations", "MCP", "Model", .asyncHTTPClient, .logging, .nioCore, .nioHTTP1, .nioPosix,
            ]),
        tests(
            of: "Daemon",
            [
                "Daemon", "Audit", "Console", "Conversations", "Egress", "Harness", "MCP", "Model", "NetworkRules",
                "Settings", "Slack", "Store", "TestSupport", .crypto, .logging,
            ]),
        tests(
            of: "Slack",
            [
                "Slack", "Audit", "Conversations", "Harness", "Hooks", "MCP", "Model", "Policy", "SlackAPI",
                "SlackText", "Store", "TestSupport", .grdb, .logging,
            ]),
        tests(
            of: "SlackAPI",
            ["SlackAPI", "MCP", "TestSupport", .asyncHTTPClient, .crypto, .logging, .nioCore, .nioHTTP1, .nioSSL]),
        tests(of: "SlackText", ["SlackText", "MCP", "TestSupport"]),
        tests(of: "Markdown", ["Markdown", "TestSupport"]),
        tests(of: "SlackSimulator", []),
        tests(of: "Architecture", []),
    ],
    swiftLanguageModes: [.v6]
)

// Measures the others (make bench). No part of the product: built only where asked for, the tests' build among them.
if Context.environment["BULKHEAD_BENCH"] != nil {
    package.targets.append(
        .executableTarget(
            name: "bulkhead-bench",
            dependencies: [
                "Audit", "BrokerClient", "BrokerProtocol", "Compartments", "DockerEngine", "Egress", "Harness",
                "LeakScan", "MCP", "Model", "ModelGateway", "NetworkRules", "Routing", "Store", "Terminal",
                "ToolServers",
                .logging,
            ], swiftSettings: strict))
}
