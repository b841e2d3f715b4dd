internal import Audit
internal import Console

/// Sign-ins, and what is done in the names of others, as events of the audit.
struct AuditRecorder: ConsoleRecorder {
    let audit: AuditLog

    func record(_ event: ConsoleEvent) async throws {
        try await audit.event(
            event.kind.rawValue,
            subject: AuditSubject(
                requester: event.person, onBehalfBy: event.admin, conversation: event.conversation),
            details: event.details)
    }
}
