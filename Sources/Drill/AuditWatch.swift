internal import Audit
internal import MCP
internal import Model

/// Whether the audit has a row about something that was just tried.
struct AuditWatch: Sendable {
    let audit: AuditLog

    /// The newest row's number.
    func position() async throws -> Int64 {
        var filter = AuditFilter()
        (filter.newest, filter.limit) = (true, 1)
        return try await audit.rows(matching: filter).last?.sequence ?? 0
    }

    /// Events of that name after a row, as far as `matches` says they are meant. Rows may come a moment after what they
    /// tell of: waits up to two seconds for `count` of them.
    func events(
        _ name: String, after position: Int64, count: Int = 1, _ matches: @Sendable (AuditEntry) -> Bool
    ) async throws -> [AuditEntry] {
        var filter = AuditFilter()
        (filter.after, filter.kind, filter.limit) = (position, .event, 1000)
        var found: [AuditEntry] = []
        for pause in [0, 10, 20, 50, 100, 200, 400, 600, 600] {
            if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
            found = try await audit.rows(matching: filter).filter { $0.event == name && matches($0) }
            if found.count >= count { break }
        }
        return found
    }
}
