package import Conversations
package import Logging
internal import Model
package import Store

/// Carries the gate's questions to Slack and people's answers back.
///
/// Nothing is kept here: which questions wait is in the store, and so is which cards there are. ``sweep()`` compares the two
/// and makes what is missing, so a crash, a restart or an hour without Slack costs nothing but time. Whether somebody may
/// answer is decided by whoever takes the answer, never by who can see a button.
package actor SlackApprovals {
    let database: Database
    let board: any QuestionBoard
    let slack: any SlackCardPlace
    let clicks: ClickAnswers
    let logger: Logger
    /// Those whose cards are all there: only to save looking.
    private var complete: Set<ApprovalID> = []
    private var isSweeping = false
    private var isOutdated = false

    package init(
        database: Database, board: any QuestionBoard, slack: any SlackCardPlace, clicks: ClickAnswers, logger: Logger
    ) {
        self.database = database
        self.board = board
        self.slack = slack
        self.logger = logger
        self.clicks = clicks
    }

    /// Until it is cancelled: whenever a question comes or goes, and every few seconds for what did not work before.
    package func run(every pause: Duration = .seconds(10)) async {
        await withTaskGroup(of: Void.self) { group in
            let changes = board.questionsChanged()
            group.addTask { for await _ in changes { await self.sweep() } }
            group.addTask {
                repeat { await self.sweep() } while (try? await Task.sleep(for: pause)) != nil
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Makes the cards that are missing and closes those whose question is over. One at a time; asked for meanwhile, it looks
    /// again.
    package func sweep() async {
        isOutdated = true
        guard !isSweeping else { return }
        isSweeping = true
        defer { isSweeping = false }
        while isOutdated, !Task.isCancelled {
            isOutdated = false
            await sweepOnce()
        }
    }

    private func sweepOnce() async {
        do {
            let open = try await database.pendingApprovals()
            complete.formIntersection(open.map(\.id))
            for record in open where !complete.contains(record.id) {
                await attempt("a question could not be shown in Slack", record.id) {
                    try await self.show(record)
                    self.complete.insert(record.id)
                }
            }
            for post in try await database.openPosts([.card]) {
                await attempt("a card in Slack could not be closed", ApprovalID(trusted: post.subject)) {
                    try await self.close(post)
                }
            }
        } catch {
            logger.warning("questions could not be read for Slack", metadata: ["error": "\(error)"])
        }
    }

    /// One that fails keeps none of the others from theirs; it comes up again at the next sweep.
    private func attempt(_ failure: Logger.Message, _ id: ApprovalID, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning(failure, metadata: ["approval": "\(id)", "error": "\(error)"])
        }
    }
}
