"""Socket Mode with the SDK's four clients: coming, going, acks, and everything that goes wrong on the way."""

import asyncio

import aiohttp
from listeners import BlockingListener, Listener
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.aiohttp import SocketModeClient as AiohttpClient
from slack_sdk.socket_mode.websocket_client import SocketModeClient as WebSocketClientClient
from slack_sdk.socket_mode.websockets import SocketModeClient as WebsocketsClient
from support import SimulatorTestCase


class SocketModeTestCase(SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.mark = self.sim.mark()


class DeliveryTests(SocketModeTestCase):
    def test_every_client_of_the_sdk_connects_hears_and_acknowledges(self):
        clients = [
            (BlockingListener, SocketModeClient), (BlockingListener, WebSocketClientClient),
            (Listener, AiohttpClient), (Listener, WebsocketsClient),
        ]  # fmt: skip
        for number, (listener, kind) in enumerate(clients):
            with self.subTest(kind.__module__):
                channel, listening = self.sim.channel(f"sdk-{number}"), listener(self, kind)
                ts = self.ada.says(channel, "hello")
                request = listening.next("message")
                event = request.payload["event"]
                self.assertEqual((event["ts"], event["text"], event["channel_type"]), (ts, "hello", "channel"))
                self.assertEqual((request.type, request.accepts_response_payload), ("events_api", False))
                self.sim.wait("acked", after=self.mark, envelope_id=request.envelope_id)
                listening.close()
                self.sim.wait("closed", after=self.mark, count=number + 1)

    def test_a_mention_comes_as_two_events_with_one_ts(self):
        channel, listener = self.channel(), Listener(self)
        ts = self.ada.says(channel, "@helper please")
        requests = [listener.next(), listener.next()]
        events = [r.payload["event"] for r in requests]
        self.assertEqual({e["type"] for e in events}, {"app_mention", "message"})
        self.assertEqual({e["ts"] for e in events}, {ts})
        self.assertEqual(len({r.payload["event_id"] for r in requests}), 2)
        element = events[0]["blocks"][0]["elements"][0]["elements"][0]
        self.assertEqual(element, {"type": "user", "user_id": self.app["bot_user"]})

    def test_each_thing_a_person_does_is_heard(self):
        channel, listener = self.channel(), Listener(self)
        ts = self.ada.says(channel, "one")
        listener.next("message")
        self.ada.does("edit", channel=channel, ts=ts, text="two")
        changed = listener.next("message").payload["event"]
        self.assertEqual((changed["subtype"], changed["message"]["text"]), ("message_changed", "two"))
        self.assertEqual(changed["previous_message"]["text"], "one")
        self.ben.does("react", channel=channel, ts=ts, name="eyes")
        reaction = listener.next().payload["event"]
        self.assertEqual(
            (reaction["type"], reaction["reaction"], reaction["item"]["ts"]), ("reaction_added", "eyes", ts)
        )
        self.ben.does("unreact", channel=channel, ts=ts, name="eyes")
        self.assertEqual(listener.next().payload["event"]["type"], "reaction_removed")
        reply = self.ben.says(channel, "a reply", thread=ts)
        event = listener.next("message").payload["event"]
        self.assertEqual((event["ts"], event["thread_ts"]), (reply, ts))
        self.ben.does("delete", channel=channel, ts=reply)
        deleted = listener.next("message").payload["event"]
        self.assertEqual((deleted["subtype"], deleted["deleted_ts"]), ("message_deleted", reply))
        self.ada.does("upload", channel=channel, name="a.txt", content="a")
        self.assertEqual(listener.next("message").payload["event"]["files"][0]["name"], "a.txt")
        self.sim.person("cleo").does("join", channel=channel)
        self.assertEqual(listener.next("member_joined_channel").payload["event"]["channel"], channel)
        self.ada.does("open_home")
        self.assertEqual(listener.next("app_home_opened").payload["event"]["tab"], "home")
        self.ada.says("dm", "just us")
        self.assertEqual(listener.next("message").payload["event"]["channel_type"], "im")

    def test_an_app_hears_only_what_it_may(self):
        listener = Listener(self)
        closed, open_one = self.sim.channel("not-for-it", apps=()), self.channel()
        self.ada.says(closed, "@helper can you hear me?")
        self.sim.change_app("helper", revoke=["channels:history"])
        self.addCleanup(self.sim.change_app, "helper", grant=["channels:history"])
        self.ada.says(open_one, "unheard for want of a scope")
        self.ada.says(open_one, "@helper heard as a mention alone")
        heard = listener.next().payload["event"]
        self.assertEqual((heard["type"], heard["channel"]), ("app_mention", open_one))
        self.assertTrue(listener.heard.empty())

    def test_its_own_messages_come_back_with_its_bot_id(self):
        channel, listener = self.channel(), Listener(self)
        self.client.chat_postMessage(channel=channel, text="me")
        event = listener.next("message").payload["event"]
        self.assertEqual((event["bot_id"], event["user"]), (self.app["bot_id"], self.app["bot_user"]))

    def test_a_large_envelope_in_pieces_is_put_together(self):
        channel, listener = self.channel(), Listener(self)
        self.sim.fault(envelope="events_api", kind="fragment", pieces=7)
        text = "größer als jeder Rahmen 🌊 " * 4000
        self.ada.says(channel, text)
        self.assertEqual(listener.next("message").payload["event"]["text"], text)


class RedeliveryTests(SocketModeTestCase):
    def test_what_is_not_acknowledged_comes_again_and_then_no_more(self):
        channel, listener = self.channel(), Listener(self, acknowledges=False)
        self.ada.says(channel, "hello")
        first = listener.next("message")
        self.assertEqual(first.retry_attempt, 0)
        event_id = first.payload["event_id"]
        for attempt, pause in enumerate((0, 60, 300), 1):
            self.sim.advance(3.1)
            self.sim.wait("unacked", after=self.mark, count=attempt)
            if pause:
                self.sim.advance(pause)
            again = listener.next("message")
            self.assertEqual((again.payload["event_id"], again.retry_attempt), (event_id, attempt))
            self.assertEqual(again.retry_reason, "timeout")
            self.assertNotEqual(again.envelope_id, first.envelope_id)
        self.sim.advance(3.1)
        self.sim.wait("lost", after=self.mark, payload__event_id=event_id)

    def test_an_ack_ends_it(self):
        channel, listener = self.channel(), Listener(self)
        self.ada.says(channel, "hello")
        request = listener.next("message")
        self.sim.wait("acked", after=self.mark, envelope_id=request.envelope_id)
        self.sim.advance(400)
        self.assertEqual(self.sim.journal("unacked", self.mark), [])
        self.assertTrue(listener.heard.empty())

    def test_what_nobody_was_there_for_is_lost_after_minutes(self):
        channel = self.channel()
        self.ada.says(channel, "anyone?")
        self.sim.wait("unsent", after=self.mark, count=2)
        self.sim.advance(61)
        self.sim.wait("unsent", after=self.mark, count=3)
        self.sim.advance(301)
        self.sim.wait("lost", after=self.mark, payload__event__text="anyone?")

    def test_a_late_listener_gets_the_retry(self):
        channel = self.channel()
        self.ada.says(channel, "anyone?")
        self.sim.wait("unsent", after=self.mark, count=2)
        listener = Listener(self)
        self.sim.advance(61)
        self.assertEqual(listener.next("message").retry_attempt, 2)

    def test_duplicates_losses_and_disorder(self):
        channel, listener = self.channel(), Listener(self)
        messages = {"envelope": "events_api", "where": {"event.type": "message"}}
        self.sim.fault(kind="duplicate", **messages)
        self.ada.says(channel, "twice")
        twice = [listener.next("message"), listener.next("message")]
        self.assertEqual(twice[0].payload["event_id"], twice[1].payload["event_id"])
        self.assertNotEqual(twice[0].envelope_id, twice[1].envelope_id)
        self.sim.fault(kind="drop", **messages)
        self.ada.says(channel, "never")
        self.sim.fault(kind="reorder", times=3, **messages)
        for text in "abc":
            self.ada.says(channel, text)
        self.assertEqual([listener.next("message").payload["event"]["text"] for _ in "abc"], ["c", "b", "a"])
        self.sim.fault(kind="delay", seconds=30, **messages)
        self.ada.says(channel, "slow")
        self.ada.says(channel, "fast")
        self.assertEqual(listener.next("message").payload["event"]["text"], "fast")
        self.sim.advance(31)
        self.assertEqual(listener.next("message").payload["event"]["text"], "slow")


class ConnectionTests(SocketModeTestCase):
    def test_an_address_works_once_and_not_for_long(self):
        async def connect(url):
            async with aiohttp.ClientSession() as session:
                try:
                    async with session.ws_connect(url) as socket:
                        return (await socket.receive_json())["type"]
                except aiohttp.WSServerHandshakeError as error:
                    return error.status

        def address():
            return self.client.apps_connections_open(app_token=self.app["app_token"])["url"]

        url = address()
        self.assertEqual([asyncio.run(connect(url)) for _ in range(2)], ["hello", 401])
        old = address()
        self.sim.advance(31)
        self.assertEqual(asyncio.run(connect(old)), 401)
        self.sim.disturb("refuse", count=1)
        self.assertEqual(asyncio.run(connect(address())), 503)

    def test_on_warning_and_refresh_the_client_changes_over(self):
        for reason in ("warning", "refresh_requested"):
            with self.subTest(reason):
                mark = self.sim.mark()
                listener = BlockingListener(self)
                self.sim.disturb("disconnect", reason=reason)
                self.sim.wait("connected", after=mark, count=2)
                channel = self.sim.channel(reason.replace("_", "-"))
                self.ada.says(channel, "still there?")
                self.assertEqual(listener.next("message").payload["event"]["text"], "still there?")
                listener.close()
                self.sim.wait("closed", after=mark, count=2)

    def test_a_warned_connection_ends_by_itself(self):
        async def watch():
            url = self.client.apps_connections_open(app_token=self.app["app_token"])["url"]
            async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
                await socket.receive_json()
                await asyncio.to_thread(self.sim.disturb, "disconnect", reason="warning", grace=10)
                warned = await socket.receive_json()
                await asyncio.to_thread(self.sim.advance, 11)
                return warned["reason"], (await socket.receive(timeout=5)).type

        self.assertEqual(asyncio.run(watch()), ("warning", aiohttp.WSMsgType.CLOSE))

    def test_a_lost_connection_is_made_again(self):
        for how in ("drop", "close"):
            with self.subTest(how):
                mark = self.sim.mark()
                listener = BlockingListener(self, ping_interval=0.5)
                self.sim.disturb(how)
                self.sim.wait("connected", after=mark, count=2, seconds=15)
                self.ada.says(self.sim.channel(f"after-{how}"), "hello again")
                self.assertEqual(listener.next("message").payload["event"]["text"], "hello again")
                listener.close()
                self.sim.wait("closed", after=mark, count=2)

    def test_a_stale_connection_is_noticed(self):
        Listener(self, ping_interval=0.5)
        self.sim.disturb("stale")
        self.sim.wait("connected", after=self.mark, count=2, seconds=20)

    def test_ten_connections_and_no_more_and_each_event_to_one(self):
        channel = self.channel()
        listeners = [Listener(self) for _ in range(10)]
        self.assertEqual(len(self.sim.connections()), 10)
        for number in range(20):
            self.ada.says(channel, str(number))
        self.sim.wait("acked", after=self.mark, count=20)
        self.assertEqual([listener.heard.qsize() for listener in listeners], [2] * 10)

        async def eleventh():
            url = self.client.apps_connections_open(app_token=self.app["app_token"])["url"]
            async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
                return (await socket.receive_json())["reason"], (await socket.receive(timeout=5)).type

        self.assertEqual(asyncio.run(eleventh()), ("too_many_websockets", aiohttp.WSMsgType.CLOSE))
        self.assertEqual(len(self.sim.connections()), 10)

    def test_switched_off_it_says_so_and_opens_no_more(self):
        async def watch():
            url = self.client.apps_connections_open(app_token=self.app["app_token"])["url"]
            async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
                await socket.receive_json()
                await asyncio.to_thread(self.sim.change_app, "helper", socket_mode=False)
                return (await socket.receive_json())["reason"], (await socket.receive(timeout=5)).type

        self.addCleanup(self.sim.change_app, "helper", socket_mode=True)
        self.assertEqual(asyncio.run(watch()), ("link_disabled", aiohttp.WSMsgType.CLOSE))
        self.refused("forbidden_team", self.client.apps_connections_open, app_token=self.app["app_token"])
