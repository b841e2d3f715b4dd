import Foundation
import MCP
import Model
import Schedules
import Scheduler
import Store

extension Bench {
    /// Until what was begun has ended, or waits for people.
    func settle() async {
        for _ in 0..<200 {
            await scheduler.tick()
            let open = (try? await database.openRuns().contains { $0.state != .blocked }) ?? false
            if !open { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}

extension Database {
    func anyApproval() async throws -> ApprovalID? { try await openApprovals().first?.id }

    func approvals(openFor person: PersonID) async throws -> Int { try await openApprovals().count }

    private func openApprovals() async throws -> [ApprovalRecord] {
        try await pendingApprovals(limit: 100)
    }
}

extension Schedule {
    init(stored text: String) throws {
        self = try JSONDecoder().decode(Schedule.self, from: Data(text.utf8))
    }
}
