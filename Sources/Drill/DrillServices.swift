package import Audit
package import Compartments
package import Egress
package import Logging
package import Model
package import ModelGateway

/// What the drill works with: the parts of the running daemon, and nothing that only a drill would have.
package struct DrillServices: Sendable {
    package var pool: CompartmentPool
    package var engine: any Engine
    package var audit: AuditLog
    /// As the running gateway's; what the drill sends goes to its offline model and to nobody else.
    package var gateway: GatewayConfiguration
    /// Whom the running gateway tells of what it refuses.
    package var modelRecorder: any ModelCallRecorder
    package var egressLimits: EgressLimits
    /// How the running egress door puts a connection on record.
    package var recordEgress: @Sendable (EgressConnection) async -> Void
    /// Every key and secret that is live here. They are looked for, and never handed to anything.
    package var liveSecrets: @Sendable () async throws -> [(name: String, value: [UInt8])]
    package var identifiers: IdentifierSource
    package var logger: Logger

    package init(
        pool: CompartmentPool, engine: any Engine, audit: AuditLog, gateway: GatewayConfiguration,
        modelRecorder: any ModelCallRecorder, egressLimits: EgressLimits = EgressLimits(),
        recordEgress: @escaping @Sendable (EgressConnection) async -> Void,
        liveSecrets: @escaping @Sendable () async throws -> [(name: String, value: [UInt8])],
        identifiers: IdentifierSource = IdentifierSource(), logger: Logger
    ) {
        self.pool = pool
        self.engine = engine
        self.audit = audit
        self.gateway = gateway
        self.modelRecorder = modelRecorder
        self.egressLimits = egressLimits
        self.recordEgress = recordEgress
        self.liveSecrets = liveSecrets
        self.identifiers = identifiers
        self.logger = logger
    }
}
