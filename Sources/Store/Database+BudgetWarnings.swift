package import Budgets
package import Model

import GRDB

extension Database {
    /// Remembers that `person` is told, with the answer to `turn`, that the account has reached the level. False where they
    /// were told before in this period: once is enough.
    package func warn(
        _ person: PersonID, of account: BudgetAccount, _ level: BudgetLevel, in turn: MessageID, text: String
    ) async throws -> Bool {
        try await write { [self] db in
            try db.run(
                """
                INSERT OR IGNORE INTO budget_warnings (account, period, start, level, person, turn, text, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    account.name, account.budget.period.rawValue, account.window.start.milliseconds, level.rawValue,
                    person.rawValue, turn.rawValue, text.storable.cut(to: 500), clock.now().milliseconds,
                ])
            return db.changesCount == 1
        }
    }

    /// What was said of budgets in the turn, in the order it was.
    package func budgetWarnings(turn: MessageID) async throws -> [String] {
        try await read { db in
            try db.rows(
                "SELECT text FROM budget_warnings WHERE turn = ? ORDER BY at, account, period", [turn.rawValue]
            ).map { $0["text"] }
        }
    }
}
