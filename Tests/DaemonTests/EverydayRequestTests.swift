import Foundation
import Testing

extension SystemTests {
    /// What people of a company ask for day by day, through the real containers, in Standard mode under the standard
    /// policy: nobody is interrupted. (`ConversationsTests.EverydayRequestsTests` has those beyond the workspace.)
    @Suite struct EverydayRequestTests {
        private static let threads: [[String]] = [
            [
                "write offsite.md: # Offsite - rooms - train", "read offsite.md",
                "edit offsite.md: train => train and catering", "search catering", "publish offsite.md",
            ],
            [
                "run mkdir -p tender/annex && ls -R tender", "write tender/letter.md: Dear all, we offer",
                "run mv tender/letter.md tender/cover.md", "find **/*.md", "run tar czf tender.tgz tender",
                "publish tender.tgz", "run rm tender.tgz",
            ],
            [
                "run cp /workspace/global/samples/sales.csv . && head -3 sales.csv", "run wc -l sales.csv",
                "run python3 -c \"import pandas; print(pandas.read_csv('sales.csv').describe())\"",
                "run sort -t, -k2 sales.csv | tail -5",
                "run python3 -c \"import pandas; pandas.read_csv('sales.csv').to_excel('sales.xlsx')\"",
                "read sales.xlsx", "publish sales.xlsx", "run sed -i s/North/Nord/ sales.csv", "run du -sh .",
            ],
            ["read /workspace/global/samples/q3-report.pdf", "write q3.md: The quarter was good.", "publish q3.md"],
            [
                "write /workspace/user/todo.md: call ACME", "read /workspace/user/todo.md",
                "edit /workspace/user/todo.md: call => write to",
                "write /workspace/group/shared/price.md: 100", "read /workspace/group/shared/price.md",
            ],
        ]

        @Test func nobodyIsInterruptedForWorkInTheWorkspace() async throws {
            try await withInstallation { bulkhead in
                var count = 0
                for requests in Self.threads {
                    var thread: [String] = []
                    for request in requests {
                        count += 1
                        let chat = try await bulkhead.chat(request, thread + ["--approve", "deny"])
                        #expect(chat.result.status == 0, "\(request): \(chat.result.errors)")
                        let states = chat.answer?.tools?.map(\.state) ?? []
                        #expect(states == ["done"], "\(request): \(chat.result.output)")
                        thread = ["--thread", try #require(chat.answer?.conversation)]
                    }
                }
                #expect(count == 29)
                let asked = try await bulkhead.bulkhead(["audit", "--json", "--decision", "ask", "--limit", "100"])
                    .output
                #expect(!asked.contains("approval.asked"), "interrupted by:\n\(asked)")
            }
        }
    }
}
