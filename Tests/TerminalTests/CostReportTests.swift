import MCP
import Terminal
import Testing

@Suite struct CostReportTests {
    private static let answer: JSONValue = [
        "by": "person", "since": "2026-11-01T00:00:00.000Z", "scope": "all",
        "rows": [
            [
                "key": "p1", "name": "=HYPERLINK(\"x\"), \"Anna\"", "calls": 3, "input_tokens": 100,
                "output_tokens": 20, "cache_read_tokens": 300, "cache_write_tokens": 0, "microdollars": 1_230_001,
                "estimates": 1,
            ],
            [
                "key": "", "name": "", "calls": 1, "input_tokens": 1, "output_tokens": 1, "cache_read_tokens": 0,
                "cache_write_tokens": 0, "microdollars": 1, "estimates": 0,
            ],
        ],
        "total": [
            "key": "total", "name": "total", "calls": 4, "input_tokens": 101, "output_tokens": 21,
            "cache_read_tokens": 300, "cache_write_tokens": 0, "microdollars": 1_230_002, "estimates": 1,
        ],
        "forecast": ["spent": 1_230_002, "expected": 5_000_000],
        "budgets": [
            ["scope": "company", "period": "day", "spent": 1_000_000, "reserved": 230_002, "hard": 50_000_000]
        ],
    ]

    @Test func aReportSaysWhatWasSpentWhatIsLeftAndWhatIsComing() {
        let text = CostReport.lines(Self.answer, width: nil).map(\.plain).joined(separator: "\n")
        #expect(text.contains("Spent for everybody since 2026-11-01 00:00:00 (UTC)"))
        // What holds a call without a bill says so; the cache's share is of all that was sent.
        #expect(text.contains("$1.24 ~") && text.contains("75%") && text.contains("(none)"), "\(text)")
        #expect(text.contains("This month so far $1.24; going on like the last two weeks, $5.00 when it ends."))
        #expect(text.contains("Company, this day: $1.24 of hard $50.00."), "\(text)")
    }

    @Test func csvHasExactSumsAndNoFormulas() {
        #expect(
            CostReport.csv(Self.answer) == [
                "person,name,dollars,calls,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,estimates",
                "p1,\"'=HYPERLINK(\"\"x\"\"), \"\"Anna\"\"\",1.230001,3,100,20,300,0,1", ",,0.000001,1,1,1,0,0,0",
            ])
    }

    @Test func anEmptyLedgerIsSaidInWords() {
        let text = CostReport.lines(["by": "tier", "rows": [], "scope": "yours"], width: nil).map(\.plain)
        #expect(text.contains("No model has been called."))
    }

    @Test func aRouteReportShowsSharesAndOtherThresholds() {
        let answer: JSONValue = [
            "since": "2026-11-01T00:00:00.000Z", "decisions": 4, "microdollars": 1_000_000,
            "tiers": [
                ["tier": "fast", "turns": 3, "microdollars": 250_000, "failed": 1, "bad": 0],
                ["tier": "best", "turns": 1, "microdollars": 750_000, "failed": 0, "bad": 1],
            ], "raised": 1, "requested": 0, "throttled": 2, "shadow": ["decisions": 4, "other": 3],
            "thresholds": [
                [
                    "name": "all best", "thresholds": [.double(0), .double(0)], "microdollars": 3_000_000,
                    "turns": ["fast": 0, "balanced": 0, "best": 4],
                ]
            ],
        ]
        let text = RouteSpendReport.lines(answer, width: nil).map(\.plain).joined(separator: "\n")
        #expect(text.contains("75%") && text.contains("25%") && text.contains("$0.75"), "\(text)")
        #expect(text.contains("1 were raised while they ran, 0 asked for a tier, 2 were lowered by a budget."))
        #expect(text.contains("The thresholds on trial said otherwise in 3 of 4 decisions."))
        #expect(text.contains("all best") && text.contains("0.00, 0.00") && text.contains("$3.00"))
    }
}
