import MCP
import SlackAPI
import TestSupport
import Testing

/// Calls against the simulated Slack: what arrives, what comes back, what happens when Slack or the network fails.
@Suite(.timeLimit(.minutes(5))) struct SlackCallTests {
    @Test func theTokenTellsWhoItIs() async throws {
        try await SimulatedSlack.with { slack in
            let app = try await slack.app()
            try await slack.withClient { client in
                let identity = try await client.authTest()
                #expect(identity.userID == app["bot_user"]?.stringValue && identity.botID == app["bot_id"]?.stringValue)
                let scopes = Set((app["scopes"]?.arrayValue ?? []).compactMap(\.stringValue))
                #expect(identity.scopes == scopes && scopes.count > 10)
            }
            try await slack.withClient(token: "app_token") { client in
                let identity = try await client.authTest()
                #expect(identity.appID == app["id"]?.stringValue && identity.userID == nil)
            }
        }
    }

    @Test func aMessageArrivesAsItWasMeant() async throws {
        try await SimulatedSlack.with { slack in
            let channel = try await slack.channel()
            try await slack.withClient { client in
                let root = try await client.post(SlackPost(channel: channel, text: "first <b>&</b> 😀"))
                let reply = try await client.post(
                    SlackPost(
                        channel: channel, text: "short",
                        blocks: [["type": "section", "text": ["type": "mrkdwn", "text": "*long*"]]], thread: root.ts,
                        metadata: SlackMetadata(eventType: "bulkhead_message", payload: ["message": "m1", "part": 2]),
                        face: SlackFace(name: "Research", icon: .emoji(":mag:"))))
                var found: [SlackMessage] = []
                for try await message in client.replies(channel, thread: root.ts, withMetadata: true) {
                    found.append(message)
                }
                #expect(found.map(\.ts) == [root.ts, reply.ts])
                #expect(found.first?.text == "first <b>&</b> 😀")
                let last = try #require(found.last)
                #expect(last.metadata?.payload == ["message": "m1", "part": 2] && last.isReply)
                #expect(last.json["username"] == "Research" && last.json["blocks"]?.arrayValue?.count == 1)
                let call = try #require(try await slack.calls("chat.postMessage").last)
                #expect(call["arguments"]?["unfurl_links"] == false)
                // Without asking for it, Slack keeps the metadata to itself.
                let bare = try await client.replies(channel, thread: root.ts).all()
                #expect(bare.last?.metadata == nil)

                try await client.update(reply, text: "changed")
                try await client.react("eyes", to: reply)
                try await client.react("eyes", to: reply)
                let changed = try await client.history(channel).all()
                #expect(changed.first?.ts == root.ts)
                #expect(try await client.replies(channel, thread: root.ts).all().last?.text == "changed")
                try await client.unreact("eyes", from: reply)
                try await client.unreact("eyes", from: reply)
                #expect(try await client.permalink(reply).contains("/archives/\(channel)/p"))
                try await client.delete(reply)
                try await client.delete(reply)
                #expect(try await slack.messages().count { $0["ts"]?.stringValue == reply.ts } == 0)
                let ben = try await slack.user("ben")
                try await client.postEphemeral(SlackPost(channel: channel, text: "for you"), to: ben)
                try await slack.wait("ephemeral", ["text": "for you"])
            }
        }
    }

    @Test func peopleAndChannelsAreRead() async throws {
        try await SimulatedSlack.with([
            "users": [
                ["name": "ada", "email": "ada@example.com", "is_admin": true], ["name": "guest", "is_guest": true],
                ["name": "gone", "deleted": true],
            ],
            "apps": [["name": "helper"]],
            "channels": [
                ["name": "general", "members": ["ada"], "apps": ["helper"]],
                ["name": "secret", "kind": "private", "members": ["ada"], "apps": ["helper"]],
                ["name": "open", "members": ["ada"]],
            ],
        ]) { slack in
            try await slack.withClient { client in
                let ada = try #require(try await client.user(email: "Ada@example.com"))
                let id = try await slack.user("ada")
                #expect(ada.id == id && ada.isAdmin && !ada.isGuest && !ada.isBot)
                #expect(ada.email == "ada@example.com")
                #expect(try await client.user(email: "nobody@example.com") == nil)
                #expect(try await client.user(try await slack.user("guest")).isGuest)
                #expect(try await client.user(try await slack.user("gone")).isDeleted)
                let everybody = try await client.users().all()
                #expect(Set(everybody.map(\.name)).isSuperset(of: ["ada", "guest", "gone"]))
                let secret = try await client.channel(try await slack.channel("secret"), countsMembers: true)
                #expect(secret.kind == .privateChannel && secret.isMember && secret.name == "secret")
                #expect(secret.memberCount == 2)
                let listed = try await client.channels([.publicChannel, .privateChannel]).all()
                #expect(Set(listed.map(\.name)).isSuperset(of: ["general", "secret", "open"]))
                let open = try await slack.channel("open")
                #expect(try await !client.channel(open).isMember)
                #expect(try await client.channels(of: nil).all().map(\.name).contains("secret"))
                #expect(try await client.members(of: secret.id).all().contains(ada.id))
                let direct = try await client.openDirect([ada.id])
                #expect(try await client.channel(direct).kind == .direct)
                #expect(try await client.channel(direct).user == ada.id)
            }
        }
    }

    @Test func longListsComeInPages() async throws {
        let names = (0..<45).map { JSONValue.string("room-\($0)") }
        try await SimulatedSlack.with([
            "users": ["ada"], "apps": [["name": "helper"]],
            "channels": [["name": "general", "members": ["ada"], "apps": ["helper"]]],
        ]) { slack in
            let channel = try await slack.channel()
            for name in names { try await slack.act("ada", "post", ["channel": "general", "text": name]) }
            try await slack.withClient { client in
                let found = try await client.history(channel, pageSize: 20).all()
                let mine = found.filter { $0.user != nil && $0.subtype == nil }.map(\.text)
                #expect(mine == names.reversed().compactMap(\.stringValue))
                #expect(try await slack.calls("conversations.history").count == 3)
                // No further than asked.
                let tooLong = await #expect(throws: SlackError.self) {
                    try await client.history(channel, pageSize: 20, mostPages: 2).all()
                }
                #expect(tooLong?.code == "too_large")
                let newest = found.first?.ts
                #expect(try await client.history(channel, after: newest).all().isEmpty)
                #expect(try await client.history(channel, before: newest).all().count == found.count - 1)
            }
        }
    }

    @Test func aMessageGrowsWhilePeopleWatch() async throws {
        try await SimulatedSlack.with { slack in
            let (channel, ada) = (try await slack.channel(), try await slack.user("ada"))
            let team = try #require(try await slack.world()["team"]?["id"]?.stringValue)
            try await slack.withClient { client in
                let root = try await client.post(SlackPost(channel: channel, text: "question"))
                let stream = try await client.startStream(
                    channel: channel, thread: root.ts, recipient: SlackRecipient(user: ada, team: team),
                    markdown: "one ")
                try await client.setStatus(channel: channel, thread: root.ts, "is thinking", loading: ["a", "b"])
                try await slack.wait("status")
                try await client.appendStream(stream, markdown: "two ")
                try await client.stopStream(
                    stream, markdown: "three", metadata: SlackMetadata(eventType: "e", payload: ["a": 1]))
                let last = try await client.replies(channel, thread: root.ts, withMetadata: true).all().last
                #expect(last?.text == "one two three" && last?.metadata?.eventType == "e")
                let ended = await #expect(throws: SlackError.self) {
                    try await client.appendStream(stream, markdown: "four")
                }
                #expect(ended?.code == "message_not_in_streaming_state" && ended?.kind == .permanent)
                try await client.setTitle(channel: channel, thread: root.ts, "Plans")
                try await client.setSuggestedPrompts(
                    channel: channel, thread: root.ts, [(title: "Go on", message: "go on")])
            }
        }
    }

    @Test func windowsOpenChangeAndTheHomeTabIsShown() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.withClient { client in
                let click = try await slack.act(
                    "ada", "command",
                    [
                        "command": "/helper", "text": "x", "channel": "general", "wait": false,
                    ])
                let trigger = try #require(click["payload"]?["trigger_id"]?.stringValue)
                let view: JSONObject = [
                    "type": "modal", "title": ["type": "plain_text", "text": "Hi"],
                    "blocks": [["type": "section", "text": ["type": "mrkdwn", "text": "x"]]],
                ]
                let opened = try await client.openView(trigger: trigger, view)
                let twice = await #expect(throws: SlackError.self) {
                    try await client.openView(trigger: trigger, view)
                }
                #expect(twice?.code == "exchanged_trigger_id" && twice?.kind == .permanent)
                let changed = try await client.updateView(opened.id, hash: opened.hash, view)
                #expect(changed.hash != opened.hash)
                let conflict = await #expect(throws: SlackError.self) {
                    try await client.updateView(opened.id, hash: opened.hash, view)
                }
                #expect(conflict?.code == "hash_conflict")
                let ada = try await slack.user("ada")
                try await client.publishHome(
                    user: ada, ["type": "home", "blocks": [["type": "divider"]]])
                #expect(try await slack.control("GET", "views?user=ada")["homes"]?.objectValue?.count == 1)
                let address = try #require(click["payload"]?["response_url"]?.stringValue)
                try await client.respond(to: address, ["text": "done", "response_type": "ephemeral"])
                try await slack.wait("response_url", ["body.text": "done"])
                for _ in 0..<4 { try await client.respond(to: address, ["text": "again"]) }
                let used = await #expect(throws: SlackError.self) {
                    try await client.respond(to: address, ["text": "sixth"])
                }
                #expect(used?.kind == .notThere)
                let elsewhere = await #expect(throws: SlackError.self) {
                    try await client.respond(to: "https://evil.test/actions/1", ["text": "x"])
                }
                #expect(elsewhere?.code == "refused_address")
            }
        }
    }
}
