import MCP
import Slack
import SlackText
import Testing

@Suite struct SlackClickTests {
    private static let payload: JSONObject = [
        "type": "block_actions", "user": ["id": "U0ADA"], "trigger_id": "1.2.3",
        "container": [
            "type": "message", "channel_id": "C0ROOM", "message_ts": "1.000001", "thread_ts": "1700000000.000100",
        ],
        "actions": [
            ["action_id": "approval.allow.once", "value": "apr1"], ["action_id": "somebody.elses", "value": "x"],
            ["action_id": "approval.deny"],
        ],
    ]

    @Test func oursAreRead() {
        let clicks = SlackClick.all(in: .object(Self.payload))
        #expect(
            clicks == [
                SlackClick(
                    action: .allowOnce, value: "apr1", user: "U0ADA", address: SlackAddress("C0ROOM/1700000000.000100"),
                    trigger: "1.2.3")
            ])
    }

    @Test func aClickInAModalIsNowhere() {
        var payload = Self.payload
        payload["container"] = ["type": "view", "view_id": "V1"]
        #expect(SlackClick.all(in: .object(payload)).map(\.address) == [nil])
    }

    @Test(
        arguments: [
            ["type": "block_actions"], ["type": "view_submission", "user": ["id": "U1"], "actions": []], nil, [],
            [
                "type": "block_actions", "user": ["id": "u1 <x>"],
                "actions": [["action_id": "approval.deny", "value": "x"]],
            ],
            ["type": "block_actions", "user": ["id": "U1"], "actions": "x"],
        ] as [JSONValue])
    func anythingElseIsNone(payload: JSONValue) {
        #expect(SlackClick.all(in: payload).isEmpty)
        #expect(SlackDenial(payload) == nil)
    }
}
