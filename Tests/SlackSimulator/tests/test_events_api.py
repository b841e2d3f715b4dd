"""Events, interactions and commands by HTTP, to an app of slack_bolt that checks signatures."""

import json
import queue
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from slack_bolt import App, BoltRequest
from support import SimulatorTestCase


class Receiver:
    """Hands requests to a Bolt app, and can be told to fail first."""

    def __init__(self):
        self.requests, self.answers, self.bolt = queue.Queue(), [], None  # answers: (word in the body, answer)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.requests.put((dict(self.headers), body))
                status, headers, text = receiver.answer(body, self.headers)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                try:
                    self.wfile.write(text.encode())
                except BrokenPipeError:
                    pass  # Slack did not wait

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/slack/events"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, body, headers):
        prepared = next((entry for entry in self.answers if entry[0] in body), None)
        if prepared is None:
            if self.bolt is None:
                return 200, {}, json.loads(body)["challenge"]
            response = self.bolt.dispatch(BoltRequest(body=body, headers={k: [v] for k, v in headers.items()}))
            return response.status, response.first_headers(), response.body
        self.answers.remove(prepared)
        return prepared[1] if isinstance(prepared[1], tuple) else (prepared[1].wait(20), (500, {}, ""))[1]

    def next(self, word):
        """The next request that speaks of `word`: what an earlier test began may still come in."""
        while True:
            headers, body = self.requests.get(timeout=5)
            if word in body:
                return headers, body

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class EventsAPITests(SimulatorTestCase):
    @classmethod
    def setUpClass(cls):
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.stop)
        cls.world = {
            "users": ["ada", "ben"],
            "apps": [
                {"name": "helper", "socket_mode": False, "request_url": cls.receiver.url, "commands": ["/helper"]}
            ],
            "channels": [{"name": "general", "members": ["ada", "ben"], "apps": ["helper"]}],
        }  # fmt: skip
        super().setUpClass()
        bolt = App(client=cls.client, signing_secret=cls.app["signing_secret"], process_before_response=True)

        @bolt.event("app_mention")
        def mention(event, say):
            say(text="heard", thread_ts=event["ts"])

        @bolt.event("message")
        def message(event):
            pass

        @bolt.command("/helper")
        def command(ack, body):
            ack(f"heard {body['text']}")

        cls.receiver.bolt = bolt

    def setUp(self):
        super().setUp()
        self.mark = self.sim.mark()

    def test_the_address_is_verified_when_it_is_entered(self):
        self.assertTrue(self.sim.wait("verification")["verified"])
        self.receiver.answers.append(("challenge", (200, {}, "something else")))
        self.assertFalse(self.sim.change_app("helper", request_url=self.receiver.url)["verified"])
        self.assertTrue(self.sim.change_app("helper", request_url=self.receiver.url)["verified"])

    def test_signed_events_are_taken_and_answered(self):
        channel = self.channel()
        ts = self.ada.says(channel, "@helper größe?")
        self.assertEqual(self.sim.wait("message", channel=channel, by="app", thread_ts=ts)["text"], "heard")
        headers, _ = self.receiver.next(channel)
        self.assertRegex(headers["X-Slack-Signature"], r"^v0=[0-9a-f]{64}$")
        self.assertNotIn("X-Slack-Retry-Num", headers)

    def test_forged_and_replayed_requests_are_refused_by_bolt(self):
        channel = self.channel()
        for kind in ("bad_signature", "old_timestamp"):
            self.sim.fault(envelope="events_api", kind=kind, where={"event.type": "app_mention"})
            self.ada.says(channel, f"@helper {kind}")
            refused = self.sim.wait("http", after=self.mark, status=401, payload__event__text={"has": kind})
            self.assertEqual(refused["attempt"], 0)

    def test_failures_are_retried_with_a_number_and_a_reason(self):
        channel = self.channel()
        for _ in range(3):
            self.receiver.answers.append((channel, (500, {}, "no")))
        self.ada.says(channel, "again")
        wanted = {"payload__event__text": "again"}
        self.sim.wait("http", after=self.mark, count=2, **wanted)
        self.sim.advance(61)
        self.sim.wait("http", after=self.mark, count=3, **wanted)
        self.sim.advance(301)
        last = self.sim.wait("http", after=self.mark, count=4, **wanted)
        self.assertEqual(last["status"], 200)
        retries = [self.receiver.next(channel)[0] for _ in range(4)]
        self.assertEqual([r.get("X-Slack-Retry-Num") for r in retries], [None, "1", "2", "3"])
        self.assertEqual([r.get("X-Slack-Retry-Reason") for r in retries][1:], ["http_error"] * 3)

    def test_three_seconds_are_too_long(self):
        channel, answered = self.channel(), threading.Event()
        self.addCleanup(answered.set)
        self.receiver.answers.append((channel, answered))
        self.ada.says(channel, "slow")
        self.receiver.next(channel)
        self.sim.advance(3.1)
        first = self.sim.wait("http", after=self.mark, payload__event__text="slow")
        self.assertEqual((first["status"], first["reason"]), (None, "http_timeout"))
        self.assertEqual(self.receiver.next(channel)[0]["X-Slack-Retry-Reason"], "http_timeout")

    def test_an_app_can_ask_for_no_retries(self):
        channel = self.channel()
        self.receiver.answers.append((channel, (500, {"X-Slack-No-Retry": "1"}, "no")))
        self.ada.says(channel, "once")
        self.sim.wait("lost", after=self.mark, payload__event__text="once")

    def test_commands_and_interactions_come_as_forms(self):
        channel = self.channel()
        self.assertTrue(self.ada.commands(channel, "/helper", "a & b")["acknowledged"])
        self.assertEqual(self.sim.wait("ephemeral", after=self.mark, channel=channel)["text"], "heard a & b")
        headers, body = self.receiver.next(channel)
        self.assertEqual(urllib.parse.parse_qs(body)["command"], ["/helper"])
        self.assertEqual(headers["Content-Type"], "application/x-www-form-urlencoded")
