import Conversations
import Foundation
import Harness
import MCP
import Model
import Store
import Synchronization
import Testing
import ToolServers

/// Questions and answers that a process left behind.
@Suite(.timeLimit(.minutes(5))) struct SuspensionRestartTests {
    @Test(arguments: [true, false]) func aRestartLosesNoQuestion(_ isAllowed: Bool) async throws {
        let board = Board()
        let first = try await WaitingStage.stage(board, hold: .seconds(600))
        let asked = Reloadable<(ConversationID, ApprovalID)?>(nil)
        try await first.run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage, suspended: false).first)
            asked.replace(with: (receipt.conversation, question.id))
        }
        first.database.close()
        let (conversation, id) = try #require(asked.current)
        // Twice: the second start finds nothing to mend.
        for _ in 0..<2 {
            let next = try await WaitingStage.stage(board, directory: first.directory)
            try await next.run { stage in
                let lines = try await WaitingStage.lines(stage, conversation, 2)
                #expect(lines.count == 2 && lines.last?.text.hasPrefix("I was restarted meanwhile") == true)
                #expect(lines.last?.text.contains("Waiting for ada’s word on post (approval \(id))") == true)
                #expect(try await stage.database.approval(id)?.state == .pending)
            }
            next.database.close()
        }
        let last = try await WaitingStage.stage(board, directory: first.directory)
        try await last.run { stage in
            let ada = try await stage.person("ada")
            try await stage.service.answer(id, allow: isAllowed, reason: nil, by: ada)
            #expect(try await WaitingStage.lines(stage, conversation, 4).last?.kind == .assistant)
            #expect(board.posts == (isAllowed ? ["hello"] : []))
        }
    }

    /// Consumed, begun, and nobody knows how it ended: told, and not repeated.
    @Test func whatMayHaveRunIsNotRunAgain() async throws {
        let board = Board()
        board.hangs.replace(with: true)
        let first = try await WaitingStage.stage(board)
        let asked = Reloadable<ConversationID?>(nil)
        try await first.run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            try await stage.service.answer(question.id, allow: true, reason: nil, by: ada)
            while board.posts.isEmpty { await Task.yield() }
            asked.replace(with: receipt.conversation)
        }
        first.database.close()
        board.hangs.replace(with: false)
        let conversation = try #require(asked.current)
        try await WaitingStage.stage(board, directory: first.directory).run { stage in
            let last = try await WaitingStage.lines(stage, conversation, 4).last
            #expect(last?.text.contains("post may have run") == true, "\(last?.text ?? "")")
            #expect(board.posts == ["hello"])
        }
    }

    /// A crash between an answer and its being heard of: it is heard of by the next process.
    @Test func anAnswerThatNobodyHeardOfComesBack() async throws {
        let board = Board()
        let first = try await WaitingStage.stage(board, hold: .seconds(600))
        let asked = Reloadable<(ConversationID, ApprovalID)?>(nil)
        try await first.run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage, suspended: false).first)
            // Past the desk, as if it had ended in that moment.
            _ = try await stage.database.decideApproval(question.id, allow: true, by: ada)
            asked.replace(with: (receipt.conversation, question.id))
        }
        first.database.close()
        let (conversation, id) = try #require(asked.current)
        try await WaitingStage.stage(board, directory: first.directory).run { stage in
            let last = try await WaitingStage.lines(stage, conversation, 4).last
            #expect(last?.kind == .assistant && board.posts == ["hello"])
            #expect(try await stage.database.approval(id)?.state == .used)
        }
    }

    /// Cut off before the answer was used: nothing has run on it, and it is looked at again.
    @Test func anAnswerThatWasOnlyLookedAtIsLookedAtAgain() async throws {
        let board = Board()
        let first = try await WaitingStage.stage(board)
        let asked = Reloadable<(ConversationID, ApprovalID)?>(nil)
        try await first.run { stage in
            let ada = try await stage.person("ada")
            let receipt = try await stage.say("hello", by: ada, in: try await stage.dm(of: ada))
            let question = try #require(try await WaitingStage.open(stage).first)
            _ = try await WaitingStage.lines(stage, receipt.conversation, 2)
            asked.replace(with: (receipt.conversation, question.id))
        }
        let (conversation, id) = try #require(asked.current)
        let database = first.database
        let ada = try await first.person("ada")
        // As a process leaves it that dies in the middle of the gate.
        for session in try await database.openSessions() { try await database.endSession(session.id, reason: "gone") }
        _ = try await database.decideApproval(id, allow: true, by: ada)
        let message = try #require(try await database.continuation(of: id))
        let session = try await database.startSession(conversation: conversation, requester: ada)
        try await database.beginTurn([message.id], session: session.id)
        try await database.startToolCall(
            ToolCallDraft(
                id: CallID(trusted: "cut-off"), session: session.id, turn: message.id, tool: "post", effect: .external,
                arguments: "{}"))
        database.close()
        try await WaitingStage.stage(board, directory: first.directory).run { stage in
            let last = try await WaitingStage.lines(stage, conversation, 4).last
            #expect(last?.kind == .assistant && board.posts == ["hello"], "\(last?.text ?? "")")
            #expect(try await stage.database.approval(id)?.state == .used)
        }
    }
}
