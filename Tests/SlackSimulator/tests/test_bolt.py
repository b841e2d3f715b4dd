"""Apps written with slack_bolt, over Socket Mode: what they are sent, and what their answers do."""

import asyncio
import queue

from answers import MODAL, WORLD, answering_app, button, hang_up
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from support import SimulatorTestCase


class BoltTests(SimulatorTestCase):
    world = WORLD

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seen = queue.Queue()
        handler = SocketModeHandler(answering_app(cls.client, cls.sim, cls.seen), cls.app["app_token"])
        handler.connect()
        cls.sim.wait("connected")
        cls.addClassCleanup(hang_up, cls.sim, handler)

    def posted(self, channel, action):
        return self.client.chat_postMessage(channel=channel, text="card", blocks=button(action))["ts"]

    def test_a_mention_is_answered_in_its_thread(self):
        channel = self.channel()
        ts = self.ada.says(channel, "@helper hello & welcome")
        answer = self.sim.wait("message", channel=channel, by="app", thread_ts=ts)
        self.assertIn("hello &amp; welcome", answer["text"])

    def test_a_button_tells_who_pressed_it_and_its_card_changes(self):
        channel = self.channel()
        root = self.ada.says(channel, "@helper hello")
        card = self.sim.wait("message", channel=channel, by="app", thread_ts=root)
        result = self.ben.clicks(channel, card["ts"], "approve")
        self.assertTrue(result["acknowledged"])
        body = self.seen.get(timeout=5)
        self.assertEqual((body["user"]["name"], body["actions"][0]["value"]), ("ben", "1"))
        self.assertEqual(body["container"]["thread_ts"], root)
        self.assertEqual(body["message"]["ts"], card["ts"])
        changed = self.sim.wait("edited", channel=channel, ts=card["ts"])
        self.assertRegex(changed["text"], r"^approved by <@U")

    def test_a_modal_is_filled_in_corrected_and_saved(self):
        channel = self.channel()
        self.ada.clicks(channel, self.posted(channel, "details"), "details")
        view = self.seen.get(timeout=5)["view"]
        self.assertEqual(self.sim.views("ada")["modals"][0]["id"], view["id"])
        self.assertEqual(self.sim.views("ben")["modals"], [])
        refused = self.ada.submits(view["id"], {"why": {"text": "short"}})
        self.assertEqual(refused["response"]["errors"], {"why": "say more"})
        self.assertEqual(len(self.sim.views("ada")["modals"]), 1)
        self.ada.submits(view["id"], {"why": {"text": "more"}})
        self.assertEqual(self.sim.views("ada")["modals"][0]["callback_id"], "second")
        self.client.views_update(view_id=view["id"], view=MODAL)
        self.ada.submits(view["id"], {"why": {"text": "long enough"}})
        self.assertEqual(self.sim.views("ada")["modals"], [])
        states = [self.seen.get(timeout=5) for _ in range(3)]
        self.assertEqual(states[-1]["state"]["values"]["why"]["text"]["value"], "long enough")
        self.assertEqual(states[-1]["private_metadata"], "kept")

    def test_a_trigger_lives_three_seconds(self):
        channel = self.channel()
        self.ada.clicks(channel, self.posted(channel, "too_late"), "too_late", wait=False)
        self.assertEqual(self.seen.get(timeout=5), "expired_trigger_id")

    def test_a_command_is_answered_to_one_and_to_all(self):
        channel = self.channel()
        mark = self.sim.mark()
        result = self.ada.commands(channel, "/helper", "status")
        self.assertTrue(result["acknowledged"])
        self.assertEqual(self.sim.wait("ephemeral", after=mark, channel=channel)["text"], "heard status")
        self.assertEqual(self.sim.wait("message", after=mark, channel=channel)["text"], "for all")
        with self.assertRaisesRegex(Exception, "not supported in threads"):
            self.ada.commands(channel, "/helper", thread="1.1")

    def test_shortcuts_of_a_message_and_of_everywhere(self):
        channel = self.channel()
        ts = self.ada.says(channel, "what is this?")
        self.ben.does("shortcut", callback_id="ask", channel=channel, ts=ts)
        body = self.seen.get(timeout=5)
        self.assertEqual((body["type"], body["message"]["text"]), ("message_action", "what is this?"))
        self.ben.does("shortcut", callback_id="new")
        self.assertEqual(self.seen.get(timeout=5)["type"], "shortcut")

    def test_the_home_tab_is_published_for_one_person(self):
        self.ada.does("open_home")
        view = self.sim.wait("view", change="published")["view"]
        self.assertEqual(view["blocks"][0]["text"]["text"], "Your tasks")
        homes = self.sim.views("ada")["homes"]
        self.assertEqual(homes[self.app["id"]]["id"], view["id"])
        self.assertEqual(self.sim.views("ben")["homes"], {})
        ada = self.sim.world()["users"]["ada"]["id"]
        stale = {"user_id": ada, "view": {"type": "home", "blocks": []}, "hash": "0.0"}
        self.refused("hash_conflict", self.client.views_publish, **stale)

    def test_nobody_there_is_told_to_the_person(self):
        channel = self.channel()
        ts = self.posted(channel, "unheard_of")
        self.sim.change_app("helper", socket_mode=True)
        self.sim.fault(envelope="interactive", kind="drop")
        result = self.ada.clicks(channel, ts, "unheard_of")
        self.assertEqual((result["acknowledged"], result["reason"]), (False, "dropped"))

    def test_views_have_limits(self):
        trigger = "1.2.abc"
        long = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
        answer = self.refused("invalid_arguments", self.client.views_open, trigger_id=trigger, view=long)
        self.assertIn("/view/title/text", answer["response_metadata"]["messages"][0])
        self.refused("invalid_trigger_id", self.client.views_open, trigger_id=trigger, view=MODAL)
        unsaved = {k: v for k, v in MODAL.items() if k != "submit"}
        self.refused("invalid_arguments", self.client.views_open, trigger_id=trigger, view=unsaved)
        self.refused("not_found", self.client.views_update, view_id="V0", view=MODAL)


class AsyncBoltTests(SimulatorTestCase):
    def test_an_asynchronous_app_answers_over_a_changed_connection(self):
        async def answers():
            client = AsyncWebClient(token=self.app["bot_token"], base_url=self.sim.base_url)
            app = AsyncApp(client=client)

            @app.event("app_mention")
            async def mention(event, say):
                await say(text="here", thread_ts=event["ts"])

            @app.event("message")
            async def message(event):
                pass

            handler = AsyncSocketModeHandler(app, self.app["app_token"])
            await handler.connect_async()
            texts = []
            for _ in range(2):
                ts = await asyncio.to_thread(self.ada.says, channel, "@helper?")
                texts.append(await asyncio.to_thread(self.sim.wait, "message", channel=channel, by="app", thread_ts=ts))
                mark = self.sim.mark()
                await asyncio.to_thread(self.sim.disturb, "disconnect", reason="refresh_requested")
                await asyncio.to_thread(self.sim.wait, "connected", after=mark)
            await handler.close_async()
            return [text["text"] for text in texts]

        channel = self.channel()
        self.assertEqual(asyncio.run(answers()), ["here", "here"])
