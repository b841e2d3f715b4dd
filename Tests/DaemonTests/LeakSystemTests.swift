import Foundation
import Testing

extension SystemTests {
    /// What must not leave, through a whole installation.
    @Suite struct LeakSystemTests {
        @Test func whatACommandPrintsOfATokenReachesNobodyAndIsOnRecord() async throws {
            try await withInstallation { bulkhead in
                // Put together in the sandbox: nobody wrote it.
                let token = "AKIA" + "QRSTUVWXYZABCDEF"
                let chat = try await bulkhead.chat("run printf 'AK%s\\n' IAQRSTUVWXYZABCDEF")
                let result = try #require(chat.answer?.tools?.first?.result)
                #expect(result.contains("[AWS access key withheld]") && !result.contains(token), "\(result)")
                #expect(chat.answer?.reply?.contains(token) == false)
                let export = try await bulkhead.bulkhead(["audit", "export"]).output
                #expect(!export.contains(token))
                let found = export.split(separator: "\n").filter { $0.contains("\"leak.found\"") }
                #expect(found.count == 1 && found.first?.contains("AWS access key") == true, "\(found)")
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
                // The file that holds it is not handed out.
                let file = try await bulkhead.chat(
                    """
                    run printf 'AK%s' IAQRSTUVWXYZABCDEF > key.txt
                    call publish_file {"path": "/workspace/thread/key.txt"}
                    """)
                let published = file.answer?.tools?.last?.result ?? ""
                #expect(published.contains("was not published"), "\(file.result)")
                // Read back, by any way, it is withheld too.
                let read = try await bulkhead.chat(
                    """
                    run printf 'AK%s' IAQRSTUVWXYZABCDEF > key.txt
                    call read_file {"path": "key.txt"}
                    """)
                #expect(
                    read.answer?.tools?.last?.result?.contains("[AWS access key withheld]") == true, "\(read.result)")
            }
        }
    }
}
