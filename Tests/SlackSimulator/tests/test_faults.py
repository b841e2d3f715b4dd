"""Calls that fail, and the SDK's own ways of trying again."""

import asyncio
import urllib.error

from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)  # fmt: skip
from slack_sdk.web.async_client import AsyncWebClient
from support import SimulatorTestCase


class FaultTests(SimulatorTestCase):
    def retrying(self, *handlers):
        return self.client_of(self.app["bot_token"], retry_handlers=list(handlers))

    def texts(self, channel):
        return [m["text"] for m in self.sim.messages(channel)]

    def test_429_with_retry_after_is_waited_for(self):
        channel = self.channel()
        self.sim.fault(method="chat.postMessage", kind="ratelimited", retry_after=1)
        self.retrying(RateLimitErrorRetryHandler(1)).chat_postMessage(channel=channel, text="once")
        self.assertEqual(self.texts(channel), ["once"])
        calls = [c for c in self.sim.journal("call") if c["arguments"].get("channel") == channel]
        self.assertEqual([c["status"] for c in calls], [429, 200])

    def test_time_can_run_faster_and_rates_with_it(self):
        channel = self.channel()
        self.sim.limits(posts_at_once=1)
        try:
            self.sim.run_at(200)
            first = self.sim.advance(0)["now"]
            retrying = self.retrying(RateLimitErrorRetryHandler(3))
            for text in ("one", "two"):  # the second is told to wait a simulated second: over in 5 ms
                retrying.chat_postMessage(channel=channel, text=text)
            self.assertEqual(self.texts(channel), ["one", "two"])
            self.assertGreater(self.sim.advance(0)["now"] - first, 1)
        finally:
            self.sim.run_at(1)
            self.sim.limits(posts_at_once=10)

    def test_an_outage_passes(self):
        channel = self.channel()
        self.sim.fault(method="chat.*", kind="status", status=503, times=2)
        self.retrying(ServerErrorRetryHandler(2)).chat_postMessage(channel=channel, text="in the end")
        self.assertEqual(self.texts(channel), ["in the end"])

    def test_any_error_can_be_had(self):
        rule = {"error": "missing_scope", "needed": "chat:write", "provided": "users:read"}
        self.sim.fault(method="auth.test", kind="error", skip=1, **rule)
        self.client.auth_test()
        answer = self.refused("missing_scope", self.client.auth_test)
        self.assertEqual((answer["needed"], answer["provided"]), ("chat:write", "users:read"))
        self.client.auth_test()

    def test_a_fault_strikes_only_where_it_is_meant(self):
        one, other = self.channel(), self.sim.channel("fault-other")
        self.sim.fault(method="chat.postMessage", kind="error", error="is_archived", where={"channel": one}, times=None)
        self.client.chat_postMessage(channel=other, text="fine")
        for _ in range(2):
            self.refused("is_archived", self.client.chat_postMessage, channel=one, text="x")

    def test_a_broken_connection_before_and_after_it_was_done(self):
        channel = self.channel()
        self.sim.fault(method="chat.postMessage", kind="reset")
        with self.assertRaises((OSError, urllib.error.URLError)):
            self.client.chat_postMessage(channel=channel, text="not done")
        self.assertEqual(self.texts(channel), [])
        self.sim.fault(method="chat.postMessage", kind="lost_response")
        with self.assertRaises((OSError, urllib.error.URLError)):
            self.client.chat_postMessage(channel=channel, text="done")
        self.assertEqual(self.texts(channel), ["done"])

    def test_a_client_that_repeats_after_a_lost_answer_posts_twice(self):
        channel = self.channel()
        self.sim.fault(method="chat.postMessage", kind="lost_response")
        self.retrying(ConnectionErrorRetryHandler(1)).chat_postMessage(channel=channel, text="twice")
        self.assertEqual(self.texts(channel), ["twice", "twice"])

    def test_silence_latency_and_nonsense(self):
        channel = self.channel()
        self.sim.fault(method="chat.postMessage", kind="timeout")
        with self.assertRaises(TimeoutError):
            self.client_of(self.app["bot_token"], timeout=0.3).chat_postMessage(channel=channel, text="silence")
        self.assertEqual(self.texts(channel), [])
        self.sim.fault(method="chat.postMessage", kind="latency", seconds=0.2)
        self.client.chat_postMessage(channel=channel, text="slowly")
        self.sim.fault(method="chat.postMessage", kind="malformed")
        with self.assertRaises(SlackApiError):
            self.client.chat_postMessage(channel=channel, text="nonsense")
        self.assertEqual(self.texts(channel), ["slowly"])

    def test_a_fault_that_cannot_be_is_refused_with_words(self):
        for rule, words in [
            ({"method": "x", "kind": "explode"}, "no fault 'explode'"), ({"kind": "reset"},
            "`method` or for an `envelope`"),
            ({"method": "x", "kind": "reset", "tmies": 2}, "no tmies"), ({"envelope": "x", "kind": "reset"},
            "no fault"),
        ]:  # fmt: skip
            with self.assertRaisesRegex(Exception, words):
                self.sim.fault(**rule)

    def test_the_asynchronous_client_posts_too(self):
        async def post(channel):
            client = AsyncWebClient(token=self.app["bot_token"], base_url=self.sim.base_url)
            answers = await asyncio.gather(*(client.chat_postMessage(channel=channel, text=str(n)) for n in range(5)))
            return [answer["ts"] for answer in answers]

        channel = self.channel()
        self.assertEqual(len(set(asyncio.run(post(channel)))), 5)
