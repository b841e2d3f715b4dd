"""chat.*: what is posted, changed and deleted, and what is too much."""

from support import SimulatorTestCase

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


class MessageTests(SimulatorTestCase):
    def post(self, channel, text="x", **more):
        return self.client.chat_postMessage(channel=channel, text=text, **more)

    def test_a_reply_belongs_to_its_thread(self):
        channel = self.channel()
        root = self.ada.says(channel, "a question")
        answer = self.post(channel, "an answer", thread_ts=root)
        self.assertEqual(answer["message"]["thread_ts"], root)
        self.post(channel, "on a reply", thread_ts=answer["ts"])
        self.assertEqual(len(self.sim.messages(channel, root)), 3)
        parent = self.client.conversations_history(channel=channel)["messages"][0]
        self.assertEqual((parent["reply_count"], parent["reply_users"]), (2, [self.app["bot_user"]]))
        self.refused("invalid_thread_ts", self.post, channel, thread_ts="the first")

    def test_a_reply_to_nothing_is_taken_and_seen_by_nobody(self):
        channel = self.channel()
        answer = self.post(channel, "into the void", thread_ts="1700000000.000001")
        self.assertTrue(self.sim.wait("message", channel=channel, ts=answer["ts"])["orphan"])
        self.assertEqual(self.client.conversations_history(channel=channel)["messages"], [])
        self.refused("thread_not_found", self.client.conversations_replies, channel=channel, ts="1700000000.000001")
        root = self.ada.says(channel, "root")
        self.assertFalse(
            self.sim.wait("message", channel=channel, ts=self.post(channel, thread_ts=root)["ts"])["orphan"]
        )

    def test_metadata_comes_back_only_where_it_is_asked_for(self):
        channel = self.channel()
        marker = {"event_type": "answer", "event_payload": {"turn": "t1"}}
        self.post(channel, metadata=marker)
        self.assertNotIn("metadata", self.client.conversations_history(channel=channel)["messages"][0])
        found = self.client.conversations_history(channel=channel, include_all_metadata=True)["messages"][0]
        self.assertEqual(found["metadata"], marker)
        self.refused("invalid_metadata_format", self.post, channel, metadata={"event_payload": {}})
        large = {"event_type": "x", "event_payload": {"text": "x" * 20_000}}
        self.refused("metadata_too_large", self.post, channel, metadata=large)

    def test_texts_have_limits(self):
        channel = self.channel()
        self.refused("no_text", self.client.chat_postMessage, channel=channel, text="")
        self.assertEqual(len(self.post(channel, "x" * 41_000)["message"]["text"]), 40_000)
        ts = self.post(channel, "short")["ts"]
        self.refused("msg_too_long", self.client.chat_update, channel=channel, ts=ts, text="x" * 4_001)
        self.client.chat_update(channel=channel, ts=ts, text="x" * 4_000)
        self.refused("msg_too_long", self.client.chat_postMessage, channel=channel, markdown_text="x" * 12_001)
        both = {"channel": channel, "markdown_text": "*x*", "text": "x"}
        self.refused("markdown_text_conflict", self.client.chat_postMessage, **both)

    def test_blocks_have_limits(self):
        channel = self.channel()

        def complaint(blocks):
            answer = self.refused("invalid_blocks", self.post, channel, blocks=blocks)
            return answer["response_metadata"]["messages"][0]

        self.assertIn("no more than 50 items allowed [json-pointer:/blocks]", complaint([SECTION] * 51))
        long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
        self.assertIn("must be less than 3001 characters [json-pointer:/blocks/0/text/text]", complaint([long]))
        self.assertIn("unsupported type: shout [json-pointer:/blocks/0/type]", complaint([{"type": "shout"}]))
        self.assertIn("already exists", complaint([{**SECTION, "block_id": "a"}, {**SECTION, "block_id": "a"}]))
        button = {"type": "button", "text": {"type": "plain_text", "text": "x" * 76}}
        self.assertIn("/blocks/0/elements/0/text/text", complaint([{"type": "actions", "elements": [button]}]))
        full = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
        self.refused("msg_blocks_too_long", self.post, channel, blocks=[full] * 5)
        self.refused(
            "invalid_blocks_format",
            self.client.api_call,
            "chat.postMessage",
            params={"channel": channel, "blocks": "["},
        )
        answer = self.client.chat_postMessage(channel=channel, blocks=[SECTION])
        self.assertEqual(answer["response_metadata"]["warnings"], ["missing_text_in_message"])
        self.assertTrue(answer["message"]["blocks"][0]["block_id"])

    def test_only_its_own_messages_can_be_changed(self):
        channel = self.channel()
        theirs = self.ada.says(channel, "mine")
        self.refused("cant_update_message", self.client.chat_update, channel=channel, ts=theirs, text="x")
        self.refused("cant_delete_message", self.client.chat_delete, channel=channel, ts=theirs)
        own = self.post(channel, "before", blocks=[SECTION])["ts"]
        self.client.chat_update(channel=channel, ts=own, text="after")
        changed = self.sim.messages(channel)[-1]
        self.assertEqual((changed["text"], changed["blocks"], changed["edited"]), ("after", [], True))
        self.client.chat_delete(channel=channel, ts=own)
        self.refused("message_not_found", self.client.chat_update, channel=channel, ts=own, text="x")

    def test_a_deleted_parent_keeps_its_thread(self):
        channel = self.channel()
        root = self.post(channel, "root")["ts"]
        self.ada.says(channel, "reply", thread=root)
        self.client.chat_delete(channel=channel, ts=root)
        replies = self.client.conversations_replies(channel=channel, ts=root)["messages"]
        self.assertEqual([m.get("subtype") for m in replies], ["tombstone", None])

    def test_places_it_may_not_post_in(self):
        self.sim.channel("closed", apps=(), kind="private")
        self.sim.channel("elsewhere-open", apps=())
        archived = self.sim.channel("old", is_archived=True)
        ids = {c["name"]: c["id"] for c in self.sim.world()["channels"].values()}
        self.refused("channel_not_found", self.post, "C0NOWHERE00")
        self.refused("channel_not_found", self.post, ids["closed"])
        self.refused("not_in_channel", self.post, ids["elsewhere-open"])
        self.refused("is_archived", self.post, archived)
        self.sim.change_app("helper", grant=["chat:write.public"])
        self.post(ids["elsewhere-open"])
        self.sim.change_app("helper", revoke=["chat:write.public"])

    def test_a_face_of_its_own_needs_its_scope(self):
        channel = self.channel()
        shown = self.post(channel, username="Scout", icon_emoji=":mag:")["message"]
        self.assertEqual(
            (shown["username"], shown["icons"]["emoji"], shown["subtype"]), ("Scout", ":mag:", "bot_message")
        )
        self.sim.change_app("helper", revoke=["chat:write.customize"])
        self.addCleanup(self.sim.change_app, "helper", grant=["chat:write.customize"])
        self.assertEqual(
            self.refused("missing_scope", self.post, channel, username="Scout")["needed"], "chat:write.customize"
        )

    def test_only_one_person_sees_an_ephemeral_message(self):
        channel = self.channel()
        ada = self.sim.world()["users"]["ada"]["id"]
        self.client.chat_postEphemeral(channel=channel, user=ada, text="psst")
        self.assertEqual([m["text"] for m in self.sim.messages(channel, user="ada")], ["psst"])
        self.assertEqual(self.sim.messages(channel, user="ben"), [])
        self.assertEqual(self.client.conversations_history(channel=channel)["messages"], [])
        cleo = self.sim.world()["users"]["cleo"]["id"]
        self.refused("user_not_in_channel", self.client.chat_postEphemeral, channel=channel, user=cleo, text="x")

    def test_a_permalink_leads_to_the_reply(self):
        channel = self.channel()
        root = self.ada.says(channel, "root")
        reply = self.post(channel, thread_ts=root)["ts"]
        link = self.client.chat_getPermalink(channel=channel, message_ts=reply)["permalink"]
        self.assertIn(f"/archives/{channel}/p{reply.replace('.', '')}?thread_ts={root}", link)

    def test_it_is_told_whom_a_message_pings(self):
        channel = self.channel()
        ada = self.sim.world()["users"]["ada"]["id"]
        self.post(channel, f"<@{ada}> <!channel> &lt;!here&gt;")
        self.post(channel, "hidden", blocks=[{"type": "markdown", "text": "<!everyone>"}])
        self.post(channel, "@here", link_names=True)
        self.post(channel, "@here and @ada")
        self.assertEqual(
            [m["pings"] for m in self.sim.messages(channel)], [[ada, "channel"], ["everyone"], ["here"], []]
        )

    def test_a_person_reads_in_a_direct_conversation(self):
        ada = self.sim.world()["users"]["ada"]["id"]
        answer = self.post(ada, "just you")
        self.assertTrue(answer["channel"].startswith("D"))
        self.assertEqual(self.sim.messages("dm:ada")[-1]["text"], "just you")
        self.assertEqual(self.client.conversations_open(users=ada)["channel"]["id"], answer["channel"])

    def test_a_scheduled_message_comes_at_its_time(self):
        channel = self.channel()
        now = int(self.sim.request("POST", "clock", {})["now"])
        self.refused("time_in_past", self.client.chat_scheduleMessage, channel=channel, text="x", post_at=now - 5)
        first = self.client.chat_scheduleMessage(channel=channel, text="later", post_at=now + 3600)
        second = self.client.chat_scheduleMessage(channel=channel, text="never", post_at=now + 3600)
        self.client.chat_deleteScheduledMessage(channel=channel, scheduled_message_id=second["scheduled_message_id"])
        self.assertNotEqual(first["scheduled_message_id"], second["scheduled_message_id"])
        self.assertEqual(self.sim.messages(channel), [])
        self.sim.advance(3601)
        self.assertEqual([m["text"] for m in self.sim.messages(channel)], ["later"])
