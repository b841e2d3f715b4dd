"""How a call comes in: tokens, scopes, encodings, limits."""

import json
import re
import urllib.request

from support import SimulatorTestCase


class CallTests(SimulatorTestCase):
    def raw(self, method, body=None, headers=None, query=""):
        request = urllib.request.Request(
            self.sim.base_url + method + query, body, headers or {}, method="POST" if body else "GET"
        )
        with urllib.request.urlopen(request) as response:
            return json.loads(response.read())

    def bearer(self, **more):
        return {"Authorization": f"Bearer {self.app['bot_token']}", **more}

    def test_auth_test_tells_who_it_is(self):
        answer = self.client.auth_test()
        self.assertEqual(answer["user_id"], self.app["bot_user"])
        self.assertEqual(answer["bot_id"], self.app["bot_id"])
        self.assertTrue(answer["url"].startswith("https://acme"))
        self.assertIn("chat:write", answer.headers["x-oauth-scopes"])

    def test_each_failure_of_a_token_has_its_word(self):
        self.refused("not_authed", self.client_of(None).auth_test)
        self.refused("invalid_auth", self.client_of("xoxb-1-2-three").auth_test)
        self.refused(
            "not_allowed_token_type", self.client_of(self.app["app_token"]).chat_postMessage, channel="C1", text="x"
        )
        self.refused("not_allowed_token_type", self.client.apps_connections_open, app_token=self.app["bot_token"])
        for state in ("token_revoked", "account_inactive", "token_expired", "invalid_auth"):
            self.sim.change_app("helper", token=state)
            self.refused(state, self.client.auth_test)
        self.sim.change_app("helper", token="")
        self.client.auth_test()

    def test_a_missing_scope_is_named(self):
        channel = self.channel()
        self.sim.change_app("helper", revoke=["reactions:write"])
        self.addCleanup(self.sim.change_app, "helper", grant=["reactions:write"])
        ts = self.ada.says(channel, "hello")
        answer = self.refused("missing_scope", self.client.reactions_add, channel=channel, timestamp=ts, name="eyes")
        self.assertEqual(answer["needed"], "reactions:write")
        self.assertIn("chat:write", answer["provided"])
        self.assertEqual(answer.headers["x-accepted-oauth-scopes"], "reactions:write")

    def test_forms_queries_and_json_are_read(self):
        channel = self.channel()
        form = f"channel={channel}&text=a%26b&token={self.app['bot_token']}".encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.raw("chat.postMessage", form, kind)["message"]["text"], "a&b")
        body = json.dumps({"channel": channel, "text": "c", "blocks": [{"type": "divider"}]}).encode()
        answer = self.raw("chat.postMessage", body, self.bearer(**{"Content-Type": "application/json; charset=utf-8"}))
        self.assertEqual(answer["message"]["blocks"][0]["type"], "divider")
        self.assertNotIn("warning", answer)
        self.assertTrue(self.raw("conversations.info", headers=self.bearer(), query=f"?channel={channel}")["ok"])

    def test_json_is_taken_only_where_slack_takes_it(self):
        channel = self.channel()
        kind = {"Content-Type": "application/json"}
        body = json.dumps({"channel": channel, "ts": "1.1"}).encode()
        self.assertEqual(self.raw("conversations.replies", body, self.bearer(**kind))["error"], "invalid_arguments")
        posted = json.dumps({"channel": channel, "text": "x"}).encode()
        answer = self.raw("chat.postMessage", posted, self.bearer(**kind))
        self.assertEqual(answer["response_metadata"]["warnings"], ["missing_charset"])
        inside = json.dumps({"channel": channel, "text": "x", "token": self.app["bot_token"]}).encode()
        self.assertEqual(self.raw("chat.postMessage", inside, kind)["error"], "not_authed")
        self.assertEqual(self.raw("chat.postMessage", b"{", self.bearer(**kind))["error"], "invalid_json")
        self.assertEqual(self.raw("chat.postMessage", b"[]", self.bearer(**kind))["error"], "json_not_object")
        other = self.bearer(**{"Content-Type": "text/xml"})
        self.assertEqual(self.raw("chat.postMessage", b"<a/>", other)["error"], "invalid_post_type")

    def test_an_unknown_method_is_named(self):
        answer = self.refused("unknown_method", self.client.api_call, "chat.shout")
        self.assertEqual(answer["req_method"], "chat.shout")

    def test_missing_arguments_are_pointed_at(self):
        answer = self.refused("invalid_arguments", self.client.api_call, "chat.postMessage", params={"text": "x"})
        self.assertIn("missing required field: channel", answer["response_metadata"]["messages"][0])

    def test_ids_and_timestamps_look_like_slacks(self):
        channel = self.channel()
        self.assertRegex(channel, r"^C[A-Z0-9]{10}$")
        self.assertRegex(self.app["bot_token"], r"^xoxb-\d+-\d+-\w{24}$")
        self.assertRegex(self.app["app_token"], r"^xapp-1-A[A-Z0-9]{10}-\d+-[0-9a-f]{64}$")
        stamps = [self.client.chat_postMessage(channel=channel, text=str(n))["ts"] for n in range(5)]
        self.assertTrue(all(re.fullmatch(r"\d{10}\.\d{6}", ts) for ts in stamps))
        self.assertEqual(stamps, sorted(set(stamps)))

    def test_a_manifest_is_checked_and_installed(self):
        token = self.sim.world()["configuration_token"]
        manifest = {
            "display_information": {"name": "Manifest"}, "features": {"bot_user": {"display_name": "from_manifest"}},
            "oauth_config": {"scopes": {"bot": ["chat:write"]}}, "settings": {"socket_mode_enabled": True},
        }  # fmt: skip
        client = self.client_of(token)
        self.assertTrue(client.apps_manifest_validate(manifest=json.dumps(manifest))["ok"])
        manifest["settings"]["event_subscriptions"] = {"bot_events": ["app_mention"]}
        answer = self.refused("invalid_manifest", client.apps_manifest_validate, manifest=json.dumps(manifest))
        self.assertIn("app_mentions:read", answer["errors"][0]["message"])
        self.sim.world({"apps": [{"manifest": {**manifest, "settings": {"socket_mode_enabled": True}}}]})
        self.assertEqual(self.sim.app("from_manifest")["scopes"], ["chat:write"])


class LimitTests(SimulatorTestCase):
    def test_each_tier_ends_with_429_and_begins_again(self):
        self.sim.freeze()
        self.addCleanup(self.sim.thaw)
        for _ in range(20):
            self.client.users_list()
        answer = self.refused("ratelimited", self.client.users_list)
        self.assertEqual(answer.status_code, 429)
        self.assertEqual(answer.headers["Retry-After"], "60")
        self.client.users_info(user=self.app["bot_user"])  # another method's window
        self.sim.advance(60)
        self.client.users_list()

    def test_a_channel_takes_about_a_message_a_second(self):
        self.sim.freeze()
        self.addCleanup(self.sim.thaw)
        channel = self.channel()
        for n in range(10):
            self.client.chat_postMessage(channel=channel, text=str(n))
        self.refused("ratelimited", self.client.chat_postMessage, channel=channel, text="one too many")
        self.client.chat_postMessage(channel=self.sim.channel("elsewhere"), text="fine")

    def test_apps_outside_the_marketplace_read_little(self):
        channel = self.channel()
        for n in range(20):
            self.ada.says(channel, str(n))
        self.sim.change_app("helper", history_is_restricted=True)
        self.addCleanup(self.sim.change_app, "helper", history_is_restricted=False)
        self.assertEqual(len(self.client.conversations_history(channel=channel, limit=100)["messages"]), 15)
        self.refused("ratelimited", self.client.conversations_history, channel=channel)
