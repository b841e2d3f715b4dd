internal import Budgets
internal import Conversations
internal import Logging
internal import Model
internal import Store

/// Looks at the ledger now and then, and tells admins what is out of the ordinary.
struct CostWatch: Sendable {
    static let title = "Costs"

    let database: Database
    let isOn: @Sendable () -> Bool
    let tell: @Sendable (PersonID, _ title: String, _ text: String) async throws -> Void
    let logger: Logger

    /// Until cancelled.
    func run(every interval: Duration = .seconds(600)) async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: interval) } catch { return }
            guard isOn() else { continue }
            do {
                try await look()
            } catch is CancellationError {
                return
            } catch {
                logger.error("costs could not be looked at", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Each thing is told of once a day.
    func look() async throws {
        for alert in CostAlert.all(try await database.costFigures()) {
            guard try await database.claimAlert(alert.key) else { continue }
            logger.warning("costs out of the ordinary", metadata: ["alert": "\(alert.key)"])
            for person in try await database.people() where person.role == .owner || person.role == .admin {
                try await tell(person.id, Self.title, alert.text)
            }
        }
    }
}
