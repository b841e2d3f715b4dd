import Audit
@testable import Conversations
import Harness
import MCP
import Model
import Store
import Synchronization
import Testing
import ToolServers

/// Fifty things people of a company ask for in a week, in Standard mode under the policy a new installation starts with.
/// People who are asked too often stop reading: at most five of them may interrupt somebody, and those have to be the ones
/// a sensible person wants to be asked about.
@Suite(.timeLimit(.minutes(5))) struct EverydayRequestsTests {
    typealias Call = Workbench.Call

    struct Request {
        var words: String
        var calls: [Call]
        /// What somebody is asked about, by tool.
        var asks: [String] = []
    }

    @Test func fiftyRequestsInterruptFiveTimesAtMost() async throws {
        let office = Office()
        let bench = try await Workbench(servers: [office])
        try await bench.stage.run { stage in
            let anna = try await stage.person("anna")
            #expect(Self.requests.count == 50)
            var conversation: ConversationID?
            var interruptions: [String] = []
            for (index, request) in Self.requests.enumerated() {
                // A thread for every ten.
                if index % 10 == 0 { conversation = nil }
                let receipt = try await bench.say(request.calls, by: anna, conversation: conversation)
                conversation = receipt.conversation
                var asked: [String] = []
                for await event in try await stage.service.events(of: receipt.conversation, after: 0, for: anna) {
                    if case .approval(let approval) = event {
                        asked.append(approval.tool)
                        try await stage.service.answer(approval.id, allow: true, reason: nil, by: anna)
                    }
                    if case .entry(let entry) = event, entry.inReplyTo == receipt.message {
                        #expect(entry.kind == .assistant, "\(request.words): \(entry.text)")
                        let states = entry.tools.map { "\($0.tool) \($0.state.rawValue)" }
                        #expect(
                            entry.tools.count == request.calls.count && entry.tools.allSatisfy { $0.state == .done },
                            "\(request.words): \(states) \(entry.text)")
                        break
                    }
                }
                #expect(asked == request.asks, "\(request.words): \(asked)")
                interruptions += asked.map { "\(request.words) (\($0))" }
                while await stage.service.busy.contains(receipt.conversation) { await Task.yield() }
            }
            let list = interruptions.joined(separator: "\n")
            #expect(interruptions.count <= 5, "interrupted \(interruptions.count) times:\n\(list)")
            // What the test saw is what the audit says.
            var filter = AuditFilter()
            filter.decision = .ask
            #expect(try await stage.audit.rows(matching: filter).count == interruptions.count, "\(list)")
            #expect(office.done.withLock { $0.filter { $0.hasPrefix("post") || $0.hasPrefix("send") }.count } == 3)
        }
    }

    static let requests: [Request] = files + analyses + lookups + plans + outside

    private static func bash(_ command: String) -> Call { Call("bash", ["command": .string(command)]) }
    private static func write(_ path: String, _ text: String) -> Call {
        Call("write_file", ["path": .string(path), "content": .string(text)])
    }
    private static func read(_ path: String) -> Call { Call("read_file", ["path": .string(path)]) }
    private static func edit(_ path: String, _ old: String, _ new: String) -> Call {
        Call("edit_file", ["path": .string(path), "old_string": .string(old), "new_string": .string(new)])
    }
    private static func publish(_ path: String) -> Call { Call("publish_file", ["path": .string(path)]) }

    private static let files: [Request] = [
        Request(words: "Start a list for the offsite", calls: [write("offsite.md", "# Offsite\n- rooms\n- train\n")]),
        Request(words: "What is on the list?", calls: [read("offsite.md")]),
        Request(words: "Add catering", calls: [edit("offsite.md", "- train\n", "- train\n- catering\n")]),
        Request(words: "Rooms are booked, tick that off", calls: [edit("offsite.md", "- rooms", "- [x] rooms")]),
        Request(words: "Send me the list as a file", calls: [publish("offsite.md")]),
        Request(words: "Make a folder for the tender", calls: [bash("mkdir -p tender/annex && ls -R tender")]),
        Request(
            words: "Draft a cover letter",
            calls: [write("tender/letter.md", "Dear all,\n\nwe offer …\n"), read("tender/letter.md")]),
        Request(words: "Call it cover.md", calls: [bash("mv tender/letter.md tender/cover.md && ls tender")]),
        Request(words: "Which files did we make?", calls: [Call("glob", ["pattern": "**/*.md"])]),
        Request(words: "Where do we mention catering?", calls: [Call("grep", ["pattern": "catering"])]),
        Request(words: "Pack the tender for me", calls: [bash("tar czf tender.tgz tender"), publish("tender.tgz")]),
        Request(words: "Throw the old packet away", calls: [bash("rm tender.tgz")]),
        Request(
            words: "Write minutes from these notes",
            calls: [write("minutes.md", "# Minutes\n- ship on Friday\n"), publish("minutes.md")]),
    ]

    private static let analyses: [Request] = [
        Request(
            words: "Here are our sales by month",
            calls: [
                write("sales.csv", "month,region,amount\njan,north,120\njan,south,80\nfeb,north,150\nfeb,south,60\n")
            ]),
        Request(words: "How many rows are there?", calls: [bash("wc -l sales.csv")]),
        Request(
            words: "Sum it up by region",
            calls: [bash("awk -F, 'NR>1{s[$2]+=$3} END{for(r in s) print r, s[r]}' sales.csv | sort")]),
        Request(words: "Which month was best?", calls: [bash("tail -n +2 sales.csv | sort -t, -k3 -nr | head -1")]),
        Request(
            words: "Make that a table",
            calls: [
                bash("column -s, -t sales.csv > table.txt || sed 's/,/\\t/g' sales.csv > table.txt"), read("table.txt"),
            ]),
        Request(words: "Only the north", calls: [bash("grep -E '^month|north' sales.csv > north.csv; cat north.csv")]),
        Request(words: "Correct January south to 85", calls: [edit("sales.csv", "jan,south,80", "jan,south,85")]),
        Request(words: "Did that change the total?", calls: [bash("awk -F, 'NR>1{s+=$3} END{print s}' sales.csv")]),
        Request(
            words: "Write a script for next month",
            calls: [write("sum.sh", "awk -F, 'NR>1{s+=$3} END{print s}' \"$1\"\n"), bash("sh sum.sh sales.csv")]),
        Request(
            words: "Summarise the quarter in a paragraph",
            calls: [read("sales.csv"), write("quarter.md", "The north grew, the south shrank.\n")]),
        Request(words: "Give me both", calls: [publish("sales.csv"), publish("quarter.md")]),
        Request(
            words: "Compare with last year's figures",
            calls: [write("last.csv", "month,amount\njan,190\n"), bash("paste -d, last.csv sales.csv | head -3")]),
        Request(words: "How large is all this?", calls: [bash("du -sh . && find . -type f | wc -l")]),
    ]

    private static let lookups: [Request] = [
        Request(words: "When is Ben on holiday?", calls: [Call("calendar_read", ["who": "ben"])]),
        Request(words: "What do we charge for support?", calls: [Call("search_company", ["query": "support price"])]),
        Request(words: "Who looks after ACME?", calls: [Call("search_company", ["query": "ACME owner"])]),
        Request(words: "Is there news about the port strike?", calls: [Call("web_search", ["query": "port strike"])]),
        Request(words: "What is VAT in Austria?", calls: [Call("web_search", ["query": "VAT Austria"])]),
        Request(words: "Did the ACME ticket get an answer?", calls: [Call("ticket_read", ["id": "4711"])]),
        Request(words: "What did we decide about the logo?", calls: [Call("recall", ["query": "logo"])]),
        Request(words: "Remember that ACME wants PDFs", calls: [Call("remember", ["text": "ACME wants PDFs"])]),
        Request(words: "No, forget that: DOCX", calls: [Call("remember", ["text": "ACME wants DOCX"])]),
        Request(
            words: "Read up on the strike and write me a note",
            calls: [Call("web_search", ["query": "strike"]), write("strike.md", "It lasts.\n")]),
    ]

    private static let plans: [Request] = [
        Request(
            words: "Every Monday at nine: sum up the week",
            calls: [Call("schedule_task", ["when": "mon 09:00", "what": "sum up"])]),
        Request(
            words: "Remind me on Friday of the tender",
            calls: [Call("schedule_task", ["when": "fri", "what": "tender"])]),
        Request(words: "What have I planned?", calls: [Call("list_tasks", [:])]),
        Request(words: "Make it ten o'clock", calls: [Call("schedule_task", ["when": "mon 10:00", "what": "sum up"])]),
        Request(words: "Leave out the reminder", calls: [Call("cancel_task", ["id": "2"])]),
        Request(words: "Plan my day", calls: [Call("calendar_read", ["who": "me"]), write("day.md", "9 tender\n")]),
        Request(
            words: "What is still open from the minutes?",
            calls: [Call("grep", ["pattern": "ship"]), read("minutes.md")]),
        Request(words: "Draft a mail to ACME, I will look at it", calls: [write("mail.txt", "Dear ACME,\n")]),
        Request(words: "Friendlier, please", calls: [edit("mail.txt", "Dear ACME", "Dear friends at ACME")]),
        Request(words: "Check the spelling of the letter", calls: [read("tender/cover.md")]),
    ]

    /// What others see or feel, and what cannot be taken back.
    private static let outside: [Request] = [
        Request(
            words: "Send the mail to ACME",
            calls: [read("mail.txt"), Call("send_email", ["to": "info@acme.example", "text": "Dear …"])],
            asks: ["send_email"]),
        Request(
            words: "Post the summary in #sales",
            calls: [Call("post_message", ["channel": "#sales", "text": "The north grew"])], asks: ["post_message"]),
        Request(
            words: "Tell everybody about the offsite",
            calls: [Call("post_message", ["channel": "#general", "text": "Offsite!"])], asks: ["post_message"]),
        Request(
            words: "Delete the duplicate customer", calls: [Call("delete_record", ["id": "acme-2"])],
            asks: ["delete_record"]),
    ]
}

/// Tools of a company's own, by what ARCHITECTURE's effects say of them. They only note that they ran.
private final class Office: ToolServer {
    let done = Mutex<[String]>([])

    let tools: [RegisteredTool] = [
        ("calendar_read", Effect.read), ("search_company", .read), ("web_search", .read), ("ticket_read", .read),
        ("recall", .read), ("list_tasks", .read), ("remember", .write), ("schedule_task", .write),
        ("cancel_task", .write),
        ("post_message", .external), ("send_email", .external), ("delete_record", .destructive),
    ].map { name, effect in
        RegisteredTool(tool: Tool(name: name, inputSchema: ["type": "object"]), effect: effect, server: "office")
    }

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        done.withLock { $0.append(name) }
        return .text("done")
    }
}
