import Audit
import Conversations
import MCP
import Model
import NetworkRules
import Policy
import Store
import Synchronization
import Testing

/// A session has people's own files or the network, and never both.
@Suite(.timeLimit(.minutes(5))) struct FolderOrNetworkTests {
    private static let granted = "version: 1\negress:\n  allow:\n    - {name: files, domain: files.example.com}\n"

    /// What the agent was told of the folder in a direct conversation, and how the session began and ended.
    private func begun(
        policy: String, opens: Bool = false
    ) async throws -> (told: String, folder: String?, labels: Labels?, reaches: Bool) {
        let told = Mutex("")
        let found = Mutex<(String?, Labels?, Bool)>((nil, nil, false))
        let doors = FakeDoors()
        try await Stage(policy: policy, network: doors) { agent in
            while true {
                let result = try await agent.client.callTool("receive", arguments: ["wait": true])
                guard result.structuredContent?["messages"]?[0]?["text"] != nil else { continue }
                told.withLock { $0 += result.text }
                if opens { _ = try await agent.client.callTool("open_personal_folder", arguments: [:]) }
                try await agent.reply("done")
            }
        }.run { stage in
            let anna = try await stage.person("Anna")
            let receipt = try await stage.say("go", by: anna, in: try await stage.dm(of: anna))
            _ = try await stage.answer(in: receipt.conversation, for: anna)
            let session = try #require(try await stage.database.sessions(for: anna).first)
            let rows = try await stage.audit.rows(matching: AuditFilter())
            let folder = rows.first { $0.event == "session.started" }?.details?["personal_folder"]?.stringValue
            let reaches = doors.told.open.contains { $0.hasPrefix("\(session.id)/") }
            found.withLock { $0 = (folder, session.labels, reaches) }
        }
        let (folder, labels, reaches) = found.withLock { $0 }
        return (told.withLock { $0 }, folder, labels, reaches)
    }

    @Test func withoutTheNetworkTheFolderIsThereFromTheStart() async throws {
        let session = try await begun(policy: "version: 1")
        #expect(session.folder == "open" && session.told.contains("/workspace/user is open."))
    }

    @Test func whereSomethingIsGrantedItStaysOutUntilItIsAskedFor() async throws {
        let session = try await begun(policy: Self.granted)
        #expect(
            session.folder == "closed"
                && session.told.contains("/workspace/user is closed here until you call open_personal_folder"))
        #expect(session.labels == [])
        let opened = try await begun(policy: Self.granted, opens: true)
        #expect(opened.labels == .private && !opened.reaches)
    }

    @Test func thePolicyCanPutTheFolderFirst() async throws {
        let session = try await begun(policy: Self.granted + "personalFolder: always")
        #expect(session.folder == "open" && session.labels == .private && !session.reaches)
    }
}
