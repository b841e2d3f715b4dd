import Conversations
import MCP
import Model

/// What the fake assistant does, by the first word of the message: `approve` asks first, `wait` works until it is
/// cancelled, `say` answers with the rest of the message, `fail` ends in a notice, anything else runs two tools.
struct FakeTurn {
    let chat: FakeChat
    let conversation: ConversationID
    let text: String

    func run() async {
        await chat.publish(.state("Thinking"), in: conversation)
        let word = text.split(separator: " ", maxSplits: 1).first.map(String.init) ?? ""
        switch word {
        case "approve": await approve()
        case "wait": await wait()
        case "say": await reply(String(text.dropFirst("say ".count)))
        case "fail":
            await chat.append(
                .notice, author: "Bulkhead",
                text: "The model could not be reached. Your message is kept; send it again.", to: conversation)
        default: await work()
        }
        await chat.setLive(nil, in: conversation)
        await chat.publish(.done, in: conversation)
    }

    private func reply(_ answer: String, tools: [ToolActivity] = [], files: [AttachmentID] = []) async {
        var rest = Substring(answer)
        while !rest.isEmpty {
            let chunk = rest.prefix(24)
            rest = rest.dropFirst(24)
            await chat.publish(.draft(text: String(chunk), reset: false), in: conversation)
        }
        await chat.append(
            .assistant, author: "Bulkhead", text: answer, attachments: files, tools: tools, to: conversation)
    }

    private func work() async {
        let write = ToolActivity(
            call: CallID(trusted: "call-\(conversation.rawValue)-1"), tool: "write_file",
            arguments: .object([
                "path": "totals.py",
                "content": """
                import pandas as pd

                df = pd.read_csv("orders.csv")
                print(df.groupby("region").amount.sum())

                """,
            ]),
            state: .running)
        await chat.publish(.tool(write), in: conversation)
        var written = write
        written.state = .done
        written.result = "Wrote 97 bytes to /workspace/thread/totals.py"
        written.milliseconds = 4
        written.undo = .possible
        await chat.publish(.tool(written), in: conversation)
        let run = ToolActivity(
            call: CallID(trusted: "call-\(conversation.rawValue)-2"), tool: "bash",
            arguments: .object(["command": "python3 totals.py"]), state: .done,
            result: "region\nAPAC     81240.5\nEMEA    148210.0\nNA      132077.25\n", milliseconds: 840)
        await chat.publish(.tool(run), in: conversation)
        let file = await chat.addFile(name: "totals.py", bytes: Array("print(1)\n".utf8))
        await reply(Self.report, tools: [written, run], files: [file])
    }

    /// The last word of the message says how far an answer may reach.
    private var scopes: [GrantScope] {
        text.hasSuffix("once") ? [] : text.hasSuffix("here") ? [.conversation] : [.conversation, .channel]
    }

    private func approve() async {
        let arguments: JSONValue = .object([
            "to": "board@example.com", "subject": "Q3 totals",
            "body": """
            Hello,

            here are the totals for the third quarter:

              EMEA  148,210.00
              NA    132,077.25
              APAC   81,240.50

            Ada
            """,
        ])
        var call = ToolActivity(
            call: CallID(trusted: "call-\(conversation.rawValue)-a"), tool: "send_mail", arguments: arguments,
            state: .waiting)
        let approval = ApprovalView(
            id: ApprovalID(trusted: "a-\(conversation.rawValue)"), tool: "send_mail", effect: .external,
            arguments: arguments, reason: "Mail leaves the company (policy.yaml line 14).",
            requester: "Ada Lovelace", expires: await chat.now().advanced(by: .seconds(600)), rule: "mail leaves",
            approvers: "the person it is done for",
            details: text.contains("once more") ? "mail.txt: 97 bytes, sha256 0123456789abcdef…" : nil,
            labels: [.untrusted], isYours: true, scopes: scopes, isExact: false)
        await chat.setLive(LiveTurn(draft: "", tools: [call], approvals: [approval]), in: conversation)
        await chat.publish(.tool(call), in: conversation)
        let allowed = await chat.waitForAnswer(approval, in: conversation)
        await chat.publish(.approvalClosed(approval.id, outcome: allowed ? "allowed" : "denied"), in: conversation)
        call.state = allowed ? .done : .denied
        call.result = allowed ? "Sent." : "Ada Lovelace said no."
        call.milliseconds = 120
        await chat.publish(.tool(call), in: conversation)
        await reply(allowed ? "The mail is **sent**." : "Then I leave it unsent.", tools: [call])
    }

    private func wait() async {
        let call = ToolActivity(
            call: CallID(trusted: "call-\(conversation.rawValue)-w"), tool: "bash",
            arguments: .object(["command": "sleep infinity"]), state: .running)
        await chat.setLive(LiveTurn(draft: "Working on ", tools: [call], approvals: []), in: conversation)
        await chat.publish(.tool(call), in: conversation)
        await chat.waitForCancel(conversation)
        await chat.append(
            .notice, author: "Bulkhead", text: "Stopped. Nothing further was done.", to: conversation)
    }

    static let report = """
        I added the orders up by region. **EMEA leads** with 41 % of the total.

        | Region | Orders | Amount |
        | --- | ---: | ---: |
        | EMEA | 412 | 148,210.00 |
        | NA | 377 | 132,077.25 |
        | APAC | 240 | 81,240.50 |

        Two things to know before you use these figures:

        - Seven orders have no region; they are not in the table.
        - Refunds count as negative amounts, as in the [finance handbook](https://example.com/handbook#refunds).

        To repeat it next month:

        ```bash
        python3 totals.py --month 2026-10
        ```
        """
}
