internal import Audit
internal import ModelGateway
internal import Settings
internal import Sinks

/// Where the settings send signed ends of the audit, beside the broker's file and the log.
struct AuditSinks: Sendable {
    let witnesses: [any AuditWitness]
    private let https: HTTPSDelivery?

    init(_ settings: AuditSettings, audit: AuditLog) throws(StartError) {
        var witnesses: [any AuditWitness] = []
        if !settings.syslog.isEmpty {
            guard let address = SyslogAddress(settings.syslog) else {
                throw StartError(
                    "audit.syslog is no address of a syslog: unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT.")
            }
            witnesses.append(
                CheckpointSink("syslog \(settings.syslog)", audit: audit, delivery: SyslogDelivery(address)))
        }
        guard !settings.httpsURL.isEmpty else {
            (self.witnesses, https) = (witnesses, nil)
            return
        }
        let file = settings.httpsTokenFile
        do {
            let delivery = try HTTPSDelivery(
                url: settings.httpsURL, authority: settings.httpsAuthority.isEmpty ? nil : settings.httpsAuthority,
                token: {
                    guard !file.isEmpty else { return nil }
                    guard let token = try ModelKey(file: file).text() else {
                        throw StartError("The token file \(file) is missing or empty.")
                    }
                    return token
                })
            witnesses.append(CheckpointSink("https \(settings.httpsURL)", audit: audit, delivery: delivery))
            (self.witnesses, https) = (witnesses, delivery)
        } catch {
            throw StartError("audit.https_url cannot be used: \(error)")
        }
    }

    func close() async { await https?.shutdown() }
}
