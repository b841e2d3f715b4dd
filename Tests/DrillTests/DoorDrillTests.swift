import Audit
import Drill
import Egress
import Foundation
import Logging
import MCP
import Model
import ModelGateway
import Store
import Testing

/// The two groups that need no container, through the doors' own code: green as it is, red where a rule is missing.
@Suite struct DoorDrillTests {
    private static let session = SessionID(trusted: "drill-test")

    private func withAudit(_ body: (AuditLog) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "drill-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(try await AuditLog.open(try Database(directory: folder)))
    }

    private struct Ledger: ModelCallRecorder {
        let audit: AuditLog
        var records = true

        func record(_ call: ModelCallRecord) async {}

        func refused(_ refusal: ModelRefusal) async {
            guard records else { return }
            _ = try? await audit.event(
                "model.refused", details: ["compartment": .string(refusal.compartment.rawValue)])
        }
    }

    private func red(_ attempts: [DrillAttempt]) -> Set<String> { Set(attempts.filter { !$0.isGreen }.map(\.id)) }

    private func model(
        _ audit: AuditLog, records: Bool = true, _ change: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> [DrillAttempt] {
        var configuration = GatewayConfiguration.offline
        change(&configuration)
        return try await ModelDrill(
            session: Self.session, person: PersonID(trusted: "admin"), gateway: configuration,
            recorder: Ledger(audit: audit, records: records), audit: audit, logger: Logger(label: "test")
        ).attempts()
    }

    @Test(.timeLimit(.minutes(5))) func theModelDoorHolds() async throws {
        try await withAudit { audit in
            let attempts = try await model(audit)
            #expect(Set(attempts.map(\.id)) == Set(Catalogue.trials(in: [.model]).map(\.id)))
            #expect(red(attempts).isEmpty, "\(attempts.filter { !$0.isGreen })")
        }
    }

    @Test(.timeLimit(.minutes(5))) func aGrantedBetaTurnsItsAttemptRed() async throws {
        try await withAudit { audit in
            let attempts = try await model(audit) { $0.grantedBetas.insert("files-api-2025-04-14") }
            #expect(red(attempts) == ["model.beta"], "\(attempts.filter { !$0.isGreen })")
            let beta = attempts.first { $0.id == "model.beta" }
            #expect(beta?.wasRefused == false && beta?.control == true, "\(String(describing: beta))")
        }
    }

    @Test(.timeLimit(.minutes(10))) func refusalsThatAreNotOnRecordTurnTheirAttemptsRed() async throws {
        try await withAudit { audit in
            let attempts = try await model(audit, records: false)
            #expect(attempts.allSatisfy { $0.wasRefused && $0.wasAudited == false && !$0.isGreen })
        }
    }

    // MARK: Egress

    private func egress(
        _ audit: AuditLog, only: Set<String>? = nil, _ change: (inout DrillRules) -> Void = { _ in }
    ) async throws -> [DrillAttempt] {
        let end = try LocalEnd()
        var drill = EgressDrill(
            session: Self.session, audit: audit, limits: EgressLimits(), logger: Logger(label: "test"),
            record: { connection in
                _ = try? await audit.append(
                    AuditDraft(
                        .event, event: "egress.connection", subject: AuditSubject(session: connection.session),
                        decision: connection.refusal == nil ? .allow : .deny,
                        payload: ["end": connection.end.map { .string($0) } ?? .null]))
            },
            serve: { serve in await serve(try end.listen()) }, bash: { try await end.run($0) })
        change(&drill.rules)
        defer { end.remove() }
        return try await drill.attempts(only: only)
    }

    @Test(.timeLimit(.minutes(10))) func theEgressDoorHolds() async throws {
        try await withAudit { audit in
            let attempts = try await egress(audit)
            #expect(Set(attempts.map(\.id)) == Set(Catalogue.trials(in: [.egress]).map(\.id)))
            #expect(red(attempts).isEmpty, "\(attempts.filter { !$0.isGreen })")
        }
    }

    struct Weakening: Sendable {
        var name: String
        var red: Set<String>
        var change: @Sendable (inout DrillRules) -> Void
    }

    static let weakenings = [
        Weakening(name: "no check of names in TLS", red: ["egress.sni_absent", "egress.no_tls"]) {
            $0.allowsUnnamedTLS = true
        },
        Weakening(name: "no check of addresses", red: ["egress.address_loopback", "egress.address_mapped"]) {
            $0.unchecked = ["loopback", "mapped"]
        },
        Weakening(
            name: "no allowlist",
            red: [
                "egress.name_as_message", "egress.path", "egress.method", "egress.restricted_tunnel", "egress.revoked",
            ]
        ) { $0.grantsEverything = true },
    ]

    @Test(.timeLimit(.minutes(10)), arguments: 0..<weakenings.count)
    func aRuleLessAtTheEgressDoorTurnsItsAttemptsRed(_ index: Int) async throws {
        let weakening = Self.weakenings[index]
        try await withAudit { audit in
            // Of the others, one that has to hold all the same: that the rest do is tried above, without a weakening.
            let attempts = try await egress(audit, only: weakening.red.union(["egress.nul"]), weakening.change)
            #expect(attempts.count == weakening.red.count + 1)
            #expect(red(attempts) == weakening.red, "\(weakening.name): \(attempts)")
            #expect(attempts.filter { weakening.red.contains($0.id) }.allSatisfy { !$0.wasRefused && $0.control })
        }
    }
}

/// Where a sandbox would be: a socket, and a shell that finds it where a sandbox has its door.
private struct LocalEnd: Sendable {
    private let folder: String
    private var path: String { folder + "/egress.sock" }

    init() throws {
        folder = "/tmp/drill-end-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func listen() throws -> CInt {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && Glibc.listen(descriptor, 64) == 0)
        return descriptor
    }

    /// Off the threads that run tasks: it waits.
    func run(_ command: String) async throws -> String {
        let script = command.replacing("/run/bulkhead/egress.sock", with: path)
        let file = folder + "/\(UUID().uuidString)"
        try script.write(toFile: file, atomically: true, encoding: .utf8)
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let pipe = popen("/bin/bash \(file) 2>&1", "r")
                var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
                while let pipe, case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 {
                    bytes += buffer[..<count]
                }
                if let pipe { pclose(pipe) }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
