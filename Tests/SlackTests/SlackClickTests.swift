import MCP
import Model
import Slack
import SlackText
import Testing

@Suite struct SlackClickTests {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)
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

    private static func read(_ payload: JSONObject) -> SlackInteraction? {
        SlackInteraction(.object(payload), received: now)
    }

    @Test func oursAreRead() throws {
        let read = try #require(Self.read(Self.payload))
        let address = try #require(SlackAddress("C0ROOM/1700000000.000100"))
        let ts = try #require(SlackTimestamp("1.000001"))
        #expect(
            read.clicks == [
                SlackClick(
                    action: .allowOnce, value: "apr1", user: "U0ADA", place: .message(address, ts),
                    trigger: SlackTrigger(id: "1.2.3", received: Self.now))
            ])
        #expect(read.user == "U0ADA" && read.lane == "card/C0ROOM/1.000001" && read.key == "trigger 1.2.3")
    }

    @Test func aClickInAViewIsInNoMessage() {
        var payload = Self.payload
        payload["container"] = ["type": "view", "view_id": "V1"]
        payload["view"] = ["type": "home"]
        #expect(Self.read(payload)?.clicks.map(\.place) == [.home])
        #expect(Self.read(payload)?.lane == "home/U0ADA")
        payload["view"] = ["type": "modal", "private_metadata": "apr2"]
        #expect(Self.read(payload)?.clicks.map(\.place) == [.modal("apr2")])
        payload["view"] = ["type": "workflow_step"]
        #expect(Self.read(payload) == nil)
    }

    /// What Slack sends beside it would let others pass for Slack, or for the app.
    @Test func nothingIsKeptThatIsNotNeeded() throws {
        var payload = Self.payload
        payload["token"] = "secret-token"
        payload["response_url"] = "https://hooks.slack.com/actions/secret-url"
        payload["message"] = ["text": "secret-text", "ts": "1.000001", "thread_ts": "1700000000.000100"]
        payload["state"] = ["values": ["x": "secret-state"]]
        let kept = SlackInteraction.kept(of: .object(payload))
        #expect(!kept.text.contains("secret"))
        #expect(SlackInteraction(kept, received: Self.now) == Self.read(payload))
        let form: JSONValue = [
            "type": "view_submission", "user": ["id": "U0ADA"], "trigger_id": "t",
            "view": [
                "id": "V1", "type": "modal", "callback_id": "approval.deny.form", "private_metadata": "apr1",
                "state": ["values": ["reason": ["reason": ["value": "too early"]]]],
            ],
        ]
        let again = SlackInteraction(SlackInteraction.kept(of: form), received: Self.now, isRepeated: true)
        #expect(again?.form?.words == "too early" && again?.form?.subject == "apr1" && again?.form?.isRepeated == true)
        #expect(again?.key == SlackInteraction(form, received: Self.now)?.key)
    }

    @Test(
        arguments: [
            ["type": "block_actions"], ["type": "view_submission", "user": ["id": "U1"], "actions": []], nil, [],
            [
                "type": "block_actions", "user": ["id": "u1 <x>"],
                "container": ["channel_id": "C1", "message_ts": "1.000001"],
                "actions": [["action_id": "approval.deny", "value": "x"]],
            ],
            [
                "type": "block_actions", "user": ["id": "U1"], "container": ["channel_id": "C1", "message_ts": "x"],
                "actions": [["action_id": "approval.deny", "value": "x"]],
            ],
            [
                "type": "block_actions", "user": ["id": "U1"],
                "container": ["channel_id": "C1", "message_ts": "1.000001"], "actions": "x",
            ],
            [
                "type": "view_submission", "user": ["id": "U1"],
                "view": ["callback_id": "approval.deny", "private_metadata": "x"],
            ],
        ] as [JSONValue])
    func anythingElseIsNone(payload: JSONValue) {
        #expect(SlackInteraction(payload, received: Self.now) == nil)
    }
}
