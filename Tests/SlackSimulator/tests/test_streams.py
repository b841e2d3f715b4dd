"""Native streaming, and what an agent shows while it works."""

from support import SimulatorTestCase


class StreamTests(SimulatorTestCase):
    def begin(self, channel, **more):
        root = self.ada.says(channel, "stream, please")
        users, team = self.sim.world()["users"], self.sim.world()["team"]["id"]
        to = {"recipient_user_id": users["ada"]["id"], "recipient_team_id": team}
        return root, {"channel": channel, "thread_ts": root, **to, **more}

    def test_the_sdks_own_helper_streams(self):
        channel = self.channel()
        root, where = self.begin(channel)
        stream = self.client.chat_stream(buffer_size=4, **where)
        for piece in ("**The ", "answer** ", "is ", "42."):
            stream.append(markdown_text=piece)
        self.assertEqual(self.sim.messages(channel, root)[-1]["stream"], "streaming")
        marker = {"event_type": "answer", "event_payload": {"turn": "7"}}
        stream.stop(blocks=[{"type": "divider"}], metadata=marker)
        message = self.sim.messages(channel, root)[-1]
        self.assertEqual((message["text"], message["stream"]), ("**The answer** is 42.", "stopped"))
        self.assertEqual((message["metadata"], message["blocks"][-1]["type"]), (marker, "divider"))
        self.assertGreaterEqual(len(self.sim.journal("stream")), 3)

    def test_tasks_replace_their_cards(self):
        channel = self.channel()
        root, where = self.begin(channel)
        ts = self.client.chat_startStream(**where)["ts"]
        for status in ("in_progress", "complete"):
            task = {"type": "task_update", "id": "1", "title": "Read", "status": status}
            self.client.chat_appendStream(channel=channel, ts=ts, chunks=[task])
        blocks = self.sim.messages(channel, root)[-1]["blocks"]
        self.assertEqual([(b["type"], b["status"]) for b in blocks], [("task_card", "complete")])
        bad = [{"type": "task_update", "id": "1", "title": "Read", "status": "perhaps"}]
        self.refused("invalid_chunks", self.client.chat_appendStream, channel=channel, ts=ts, chunks=bad)

    def test_a_stream_has_its_rules(self):
        channel = self.channel()
        root, where = self.begin(channel)
        for name in ("recipient_user_id", "recipient_team_id"):
            without = {k: v for k, v in where.items() if k != name}
            self.refused(f"missing_{name}", self.client.chat_startStream, **without)
        ts = self.client.chat_startStream(**where)["ts"]
        self.refused("no_text", self.client.chat_appendStream, channel=channel, ts=ts)
        long = "x" * 12_001
        self.refused("msg_too_long", self.client.chat_appendStream, channel=channel, ts=ts, markdown_text=long)
        self.refused("streaming_state_conflict", self.client.chat_update, channel=channel, ts=ts, text="x")
        self.refused("message_not_owned_by_app", self.client.chat_stopStream, channel=channel, ts=root)
        self.client.chat_stopStream(channel=channel, ts=ts)
        again = {"channel": channel, "ts": ts, "markdown_text": "x"}
        self.refused("message_not_in_streaming_state", self.client.chat_appendStream, **again)
        self.refused("message_not_in_streaming_state", self.client.chat_stopStream, channel=channel, ts=ts)
        self.client.chat_update(channel=channel, ts=ts, text="edited after all")

    def test_slack_ends_a_stream_after_minutes_without_a_word(self):
        channel = self.channel()
        _, where = self.begin(channel)
        ts = self.client.chat_startStream(**where)["ts"]
        self.sim.advance(301)
        late = {"channel": channel, "ts": ts, "markdown_text": "x"}
        self.refused("message_not_in_streaming_state", self.client.chat_appendStream, **late)

    def test_a_person_can_stop_it(self):
        channel = self.channel()
        _, where = self.begin(channel)
        ts = self.client.chat_startStream(**where)["ts"]
        mark = self.sim.mark()
        self.ada.does("stop_stream", channel=channel, ts=ts)
        self.refused("stopped_by_user", self.client.chat_appendStream, channel=channel, ts=ts, markdown_text="x")
        self.sim.wait("unsent", after=mark, payload__event__type="message_stream_stopped")

    def test_a_workspace_can_lack_it(self):
        channel = self.channel()
        _, where = self.begin(channel)
        self.sim.change_app("helper", streams=False)
        self.addCleanup(self.sim.change_app, "helper", streams=True)
        self.refused("unknown_method", self.client.chat_startStream, **where)

    def test_a_direct_conversation_needs_no_recipient_but_a_thread(self):
        self.ada.says("dm", "hello")
        channel = self.sim.messages("dm:ada")[-1]["channel"]
        root = self.sim.messages("dm:ada")[-1]["ts"]
        self.refused("channel_type_not_supported", self.client.api_call, "chat.startStream", json={"channel": channel})
        self.client.chat_startStream(channel=channel, thread_ts=root)


class StatusTests(SimulatorTestCase):
    def test_a_status_goes_with_the_next_message_or_after_two_minutes(self):
        channel = self.channel()
        root = self.ada.says(channel, "hello")
        where = {"channel_id": channel, "thread_ts": root}
        self.client.assistant_threads_setStatus(status="is thinking", loading_messages=["Reading", "Writing"], **where)
        self.assertEqual(self.sim.state(channel)["statuses"][root]["status"], "is thinking")
        self.client.chat_postMessage(channel=channel, thread_ts=root, text="done")
        self.assertEqual(self.sim.state(channel)["statuses"], {})
        self.client.assistant_threads_setStatus(status="is thinking", **where)
        self.sim.advance(119)
        self.assertIn(root, self.sim.state(channel)["statuses"])
        self.sim.advance(2)
        self.assertEqual(self.sim.state(channel)["statuses"], {})
        self.assertTrue(self.sim.wait("status", channel=channel, lapsed=True))

    def test_its_limits(self):
        channel = self.channel()
        where = {"channel_id": channel, "thread_ts": self.ada.says(channel, "hello"), "status": "x"}
        set_status = self.client.assistant_threads_setStatus
        self.refused("invalid_arguments", set_status, loading_messages=["x"] * 11, **where)
        self.refused("invalid_arguments", set_status, loading_messages=["x" * 51], **where)
        self.refused("invalid_thread_ts", set_status, channel_id=channel, thread_ts="1.000001", status="x")

    def test_title_and_suggestions(self):
        mark = self.sim.mark()
        opened = self.ada.does("open_assistant", context="C0123456789")
        event = self.sim.wait("unsent", after=mark, payload__event__type="assistant_thread_started")["payload"]["event"]
        self.assertEqual(event["assistant_thread"]["thread_ts"], opened["thread_ts"])
        where = {"channel_id": opened["channel"], "thread_ts": opened["thread_ts"]}
        self.client.assistant_threads_setTitle(title="Plans", **where)
        prompt = {"title": "Summarise", "message": "Summarise the channel"}
        self.client.assistant_threads_setSuggestedPrompts(prompts=[prompt], **where)
        state = self.sim.state("dm:ada")
        self.assertEqual(state["titles"][opened["thread_ts"]], "Plans")
        self.assertEqual(state["prompts"][opened["thread_ts"]]["prompts"], [prompt])
        suggest = self.client.assistant_threads_setSuggestedPrompts
        self.refused("invalid_arguments", suggest, prompts=[prompt] * 5, **where)
