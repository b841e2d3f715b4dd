import MCP
import Model
import Slack
import SlackAPI
import Store
import Testing

/// Which events are kept, as which, and in which order they are worked off.
@Suite struct SlackEventTests {
    private static func draft(_ event: JSONValue) -> SlackEventShape? {
        SlackEvent.draft(
            ["type": "event_callback", "event_id": "Ev1", "event": event], received: Timestamp(milliseconds: 5)
        ).map { SlackEventShape(kind: $0.kind, lane: $0.lane, ts: $0.ts, isFuller: $0.isFuller) }
    }

    struct SlackEventShape: Equatable {
        var kind: String
        var lane: String
        var ts: String?
        var isFuller = false
    }

    @Test func aMentionAndItsMessageAreOne() {
        let fields: JSONObject = ["channel": "C1", "ts": "10.000001", "user": "U1", "text": "<@U9> hi"]
        func event(_ type: JSONValue) -> JSONValue {
            var fields = fields
            fields["type"] = type
            return .object(fields)
        }
        let message = Self.draft(event("message"))
        #expect(message == SlackEventShape(kind: "message", lane: "C1/10.000001", ts: "10.000001", isFuller: true))
        #expect(Self.draft(event("app_mention"))?.kind == "message")
        #expect(Self.draft(event("app_mention"))?.isFuller == false)
    }

    private static let lanes: [(JSONObject, String)] = [
        (["channel": "C1", "ts": "10.000001"], "C1/10.000001"),
        (["channel": "C1", "ts": "10.000001", "thread_ts": "10.000001"], "C1/10.000001"),
        (["channel": "C1", "ts": "11.000001", "thread_ts": "10.000001"], "C1/10.000001"),
        (["channel": "D1", "ts": "10.000001"], "D1/"),
        (["channel": "D1", "ts": "10.000001", "thread_ts": "10.000001"], "D1/"),
        (["channel": "D1", "ts": "11.000001", "thread_ts": "10.000001"], "D1/10.000001"),
    ]

    @Test(arguments: lanes)
    func aThreadIsALaneAndSoIsADirectChannel(fields: JSONObject, lane: String) {
        var fields = fields
        fields["type"] = "message"
        #expect(Self.draft(.object(fields))?.lane == lane)
        // What is changed or withdrawn is worked off after it was said.
        var inner = fields
        inner["channel"] = nil
        let channel = fields["channel"] ?? .null
        let edited: JSONValue = [
            "type": "message", "subtype": "message_changed", "channel": channel, "ts": "12.000001",
            "message": .object(inner),
        ]
        #expect(
            Self.draft(edited) == SlackEventShape(kind: "message_changed", lane: lane, ts: "12.000001", isFuller: true))
        let deleted: JSONValue = [
            "type": "message", "subtype": "message_deleted", "channel": channel, "ts": "13.000001",
            "deleted_ts": fields["ts"] ?? .null, "previous_message": .object(inner),
        ]
        #expect(Self.draft(deleted)?.lane == lane && Self.draft(deleted)?.kind == "message_deleted")
    }

    private static let others: [JSONValue] = [
        ["type": "reaction_added", "user": "U1"], ["type": "message"], ["type": "message", "channel": "C1"],
        ["type": "message", "channel": "c1/..", "ts": "1.000001"], ["type": "message", "channel": "C1", "ts": "x"],
        ["type": 5], [:], ["type": "message", "subtype": "message_changed", "channel": "C1", "ts": "1.000001"],
        ["type": "user_change"], ["type": "member_left_channel"], "text", .null,
    ]

    @Test(arguments: others)
    func whatIsNoneOfOursOrMalformedIsLetGo(event: JSONValue) {
        #expect(Self.draft(event) == nil)
    }

    /// The manifest asks for no event that nothing is done about.
    @Test(arguments: SlackFeature.events)
    func everyEventThatIsAskedForIsTaken(name: String) {
        let type = name.hasPrefix("message.") ? "message" : name
        let user: JSONValue = type == "user_change" ? ["id": "U1"] : "U1"
        let event: JSONValue = [
            "type": .string(type), "channel": "C1", "user": user, "text": "x", "ts": "12.000001",
            "event_ts": "12.000001",
        ]
        #expect(Self.draft(event) != nil || SlackEvent.momentary.contains(type))
    }

    @Test func comingsAndGoingsAreTheirChannels() {
        #expect(Self.draft(["type": "member_left_channel", "channel": "C1", "user": "U1"])?.lane == "C1/")
        #expect(
            Self.draft(["type": "channel_rename", "channel": ["id": "C1", "name": "new"]])
                == SlackEventShape(kind: "channel_changed", lane: "C1/", ts: nil))
        #expect(Self.draft(["type": "group_left", "channel": "G1"])?.kind == "left")
        #expect(Self.draft(["type": "user_change", "user": ["id": "U1"]])?.lane == "user/U1")
    }
}
