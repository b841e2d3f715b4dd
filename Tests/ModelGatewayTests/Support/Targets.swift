import Model
import Synchronization

@testable import ModelGateway

/// A gateway whose tiers have several targets, each a simulated server of its own named `t0`, `t1`, ….
struct Targets: Sendable {
    let open: OpenGateway
    let simulator: Simulator
    let instances: [String]
    /// What the session has seen; `nil`: it cannot be told.
    let labels: Seen

    final class Seen: Sendable {
        private let labels = Mutex<Labels?>([])
        func set(_ labels: Labels?) { self.labels.withLock { $0 = labels } }
        func get() throws -> Labels {
            guard let labels = labels.withLock({ $0 }) else { throw Unknown() }
            return labels
        }
        struct Unknown: Error {}
    }

    static func with(
        _ scenarios: [String], change: @Sendable (Int, inout ModelTarget) -> Void = { _, _ in },
        server: @Sendable (Int, inout OpenAIConfiguration) -> Void = { _, _ in },
        limits: GatewayLimits = GatewayLimits(), realTime: Bool = false,
        _ body: @Sendable (Targets) async throws -> Void
    ) async throws {
        let simulator = try await Simulator.startOpenAI()
        var providers: [String: ProviderConfiguration] = [:]
        var targets: [ModelTarget] = []
        var instances: [String] = []
        for (number, scenario) in scenarios.enumerated() {
            let instance = "i\(UInt64.random(in: 0 ... .max))"
            instances.append(instance)
            var configuration = OpenAIConfiguration(baseURL: simulator.url(scenario, instance) + "/v1") { nil }
            server(number, &configuration)
            providers["t\(number)"] = .openAI(configuration)
            var target = ModelTarget(provider: "t\(number)", model: "m\(number)")
            change(number, &target)
            targets.append(target)
        }
        var configuration = GatewayConfiguration(targets: [.balanced: targets], providers: providers)
        configuration.limits = limits
        let seen = Seen()
        let all = instances
        try await OpenGateway.with(configuration, realTime: realTime, labels: { _ in try seen.get() }) { open in
            try await body(Targets(open: open, simulator: simulator, instances: all, labels: seen))
        }
    }

    /// How often each target was asked.
    func asked() async throws -> [Int] {
        var counts: [Int] = []
        for instance in instances { counts.append(try await simulator.requests(instance).count) }
        return counts
    }
}
