"""What people can do and cannot, what the control API says to that, and Slack behind a certificate."""

import json
import os
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from listeners import Listener
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from support import SimulatorTestCase

from scenario import Refused, Scenario

CARD = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
    }
]


class PeopleTests(SimulatorTestCase):
    def test_people_cannot_do_what_slack_would_not_let_them(self):
        channel, closed = (
            self.channel(members=("ada",)),
            self.sim.channel("people-closed", members=("ada",), kind="private"),
        )
        ts = self.ada.says(channel, "mine")
        self.ben.does("join", channel=channel)
        for words, do in [
            ("not in", lambda: self.ben.says(closed, "x")),
            ("not public", lambda: self.ben.does("join", channel=closed)),
            ("not ben's message", lambda: self.ben.does("edit", channel=channel, ts=ts, text="x")),
            ("no message", lambda: self.ben.says(channel, "x", thread="1.000001")),
            ("nothing to click", lambda: self.ben.clicks(channel, ts, "go")),
            ("no user 'zoe'", lambda: self.sim.person("zoe").says(channel, "x")),
            ("nobody can 'shout'", lambda: self.ben.does("shout")),
            ("no channel 'nowhere'", lambda: self.ben.says("nowhere", "x")),
        ]:  # fmt: skip
            with self.subTest(words), self.assertRaisesRegex(Refused, words):
                do()
        self.ada.does("invite", channel=closed, who="ben")
        self.ben.says(closed, "thanks")

    def test_changes_of_people_and_channels_are_heard(self):
        channel, listener = self.channel(), Listener(self)
        self.sim.world({"users": ["leo"], "announce": True})
        self.assertEqual(listener.next("team_join").payload["event"]["user"]["name"], "leo")
        self.sim.change_user("leo", deleted=True)
        self.assertTrue(listener.next("user_change").payload["event"]["user"]["deleted"])
        with self.assertRaisesRegex(Refused, "deactivated"):
            self.sim.person("leo").says(channel, "x")
        self.sim.change_channel(channel, is_archived=True)
        self.assertEqual(listener.next("channel_archive").payload["event"]["channel"], channel)
        self.refused("is_archived", self.client.chat_postMessage, channel=channel, text="x")
        self.ben.does("remove", channel=self.sim.channel("people-out"), who="helper")
        self.assertEqual(listener.next("channel_left").payload["event"]["type"], "channel_left")

    def test_an_ephemeral_card_can_be_pressed_by_the_one_who_sees_it(self):
        channel, listener = self.channel(), Listener(self)
        ada = self.sim.world()["users"]["ada"]["id"]
        ts = self.client.chat_postEphemeral(channel=channel, user=ada, text="card", blocks=CARD)["message_ts"]
        with self.assertRaisesRegex(Refused, "no message"):
            self.ben.clicks(channel, ts, "go")
        self.assertTrue(self.ada.clicks(channel, ts, "go")["acknowledged"])
        payload = listener.next().payload
        self.assertTrue(payload["container"]["is_ephemeral"])
        respond = WebhookClient(payload["response_url"])
        self.assertEqual(respond.send(text="done", replace_original=True).body, "ok")
        self.assertEqual(self.sim.messages(channel, user="ada")[-1]["text"], "done")
        respond.send(delete_original=True)
        self.assertEqual(self.sim.messages(channel, user="ada"), [])
        self.assertEqual(respond.send(text="x", replace_original=True).body, "message_not_found")

    def test_a_response_url_works_five_times_and_half_an_hour(self):
        channel, listener = self.channel(), Listener(self)
        ts = self.client.chat_postMessage(channel=channel, text="card", blocks=CARD)["ts"]

        def respond():
            self.ada.clicks(channel, ts, "go")
            return WebhookClient(listener.next_of("interactive").payload["response_url"])

        first = respond()
        answers = [first.send(text=str(n), response_type="in_channel").body for n in range(6)]
        self.assertEqual(answers, ["ok"] * 5 + ["used_url"])
        second = respond()
        self.sim.advance(1801)
        self.assertEqual(second.send(text="x").body, "expired_url")
        self.assertEqual(second.send(text="x").status_code, 404)

    def test_a_person_can_leave_a_modal(self):
        listener = Listener(self)
        modal = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [], "notify_on_close": True}
        channel = self.channel()
        ts = self.client.chat_postMessage(channel=channel, text="card", blocks=CARD)["ts"]
        self.ada.clicks(channel, ts, "go")
        trigger = listener.next_of("interactive").payload["trigger_id"]
        view = self.client.views_open(trigger_id=trigger, view=modal)["view"]
        self.refused("exchanged_trigger_id", self.client.views_open, trigger_id=trigger, view=modal)
        self.ada.does("close", view=view["id"])
        self.assertEqual(listener.next_of("interactive").payload["type"], "view_closed")
        self.assertEqual(self.sim.views("ada")["modals"], [])


class ControlTests(SimulatorTestCase):
    def test_what_cannot_be_is_said_in_words(self):
        for words, path, body in [
            ("no dragons", "world", {"dragons": []}),
            ("no field 'colour'", "world", {"users": [{"name": "x", "colour": 1}]}),
            ("Unknown scope: fly", "world", {"apps": [{"name": "bird", "scopes": ["fly"], "events": []}]}),
            ("no condition 'about'", "wait", {"kind": "message", "where": {"text": {"about": 1}}}),
            ("nothing to do called", "connections", {"do": "dance"}),
            ("a token is one of", "apps/helper", {"token": "eaten"}),
        ]:  # fmt: skip
            if path == "connections":
                Listener(self)
            if path == "wait":
                self.ada.says("general", "x")
            with self.subTest(words), self.assertRaisesRegex(Refused, words):
                self.sim.request("POST", path, body)

    def test_pages_of_other_sites_are_kept_out(self):
        request = urllib.request.Request(f"{self.sim.url}/_sim/world", headers={"Sec-Fetch-Site": "cross-site"})
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        self.assertEqual(caught.exception.code, 403)

    def test_what_never_comes_is_said_with_what_came(self):
        self.ada.says("general", "something else")
        with self.assertRaisesRegex(AssertionError, "(?s)0 of 1 message.*something else"):
            self.sim.wait("message", text="never said", seconds=0.1)

    def test_no_token_stands_in_the_journal(self):
        self.client.auth_test()
        form = urllib.parse.urlencode({"token": self.app["bot_token"], "channel": "general", "text": "x"}).encode()
        urllib.request.urlopen(f"{self.sim.base_url}chat.postMessage", form).close()
        urllib.request.urlopen(f"{self.sim.base_url}auth.test?token={self.app['bot_token']}").close()
        self.client.apps_connections_open(app_token=self.app["app_token"])
        text = json.dumps(self.sim.journal())
        self.assertIn("auth.test", text)
        for name in ("bot_token", "app_token", "signing_secret"):
            self.assertNotIn(self.app[name], text)

    def test_the_same_seed_gives_the_same_world(self):
        with Scenario() as one, Scenario() as same, Scenario(options=("--seed", "2")) as other:
            self.assertEqual(one.app()["bot_token"], same.app()["bot_token"])
            self.assertNotEqual(one.app()["bot_token"], other.app()["bot_token"])

    def test_a_crowd_is_heard(self):
        people = [f"person-{n}" for n in range(200)]
        rooms = [f"room-{n}" for n in range(40)]
        self.sim.world({"users": people})
        self.sim.world(
            {"channels": [{"name": r, "members": people[i::40], "apps": ["helper"]} for i, r in enumerate(rooms)]}
        )
        listener, mark = Listener(self), self.sim.mark()
        for number, name in enumerate(people * 2):
            self.sim.person(name).says(rooms[number % 40], f"{number}")
        self.sim.wait("acked", after=mark, count=400, seconds=20)
        texts = [listener.next("message").payload["event"]["text"] for _ in range(400)]
        self.assertEqual(sorted(texts, key=int), [str(n) for n in range(400)])


class CertificateTests(SimulatorTestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.certificate, key = (os.path.join(folder.name, name) for name in ("certificate.pem", "key.pem"))
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ]
        more = [
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            key,
            "-out",
            cls.certificate,
        ]
        subprocess.run(command + more, check=True, capture_output=True)
        cls.trust = ssl.create_default_context(cafile=cls.certificate)
        cls.sim = Scenario(options=("--certificate", cls.certificate, "--key", key))
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.context = cls.trust
        cls.sim.build()
        cls.app = cls.sim.app()

    def test_https_and_wss(self):
        client = WebClient(token=self.app["bot_token"], base_url=self.sim.base_url, ssl=self.trust)
        self.assertTrue(client.auth_test()["ok"])
        listener = Listener(self, ssl=self.trust)
        self.ada.says("general", "sealed")
        self.assertEqual(listener.next("message").payload["event"]["text"], "sealed")
        with self.assertRaises(urllib.error.URLError):
            WebClient(token=self.app["bot_token"], base_url=self.sim.base_url, retry_handlers=[]).auth_test()
