"""The page, in headless Chromium: a developer talks to an app through it. BULKHEAD_SCREENSHOTS keeps pictures."""

import os
import queue
import shutil
import unittest

from answers import WORLD, answering_app, button, hang_up
from playwright.sync_api import expect, sync_playwright
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from support import SimulatorTestCase

HOSTILE = (
    "<script>window.pwned=1</script> <javascript:window.pwned=2|click> *bold* `code` "
    "<https://example.com|a link> &lt;b&gt;"
)


class BrowserTestCase(SimulatorTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.playwright = sync_playwright().start()
        cls.addClassCleanup(cls.playwright.stop)
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if path is None:
            raise unittest.TestCase.failureException("no Chromium on this machine")
        cls.browser = cls.playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        cls.addClassCleanup(cls.browser.close)

    def open(self):
        self.page = self.browser.new_page(viewport={"width": 1200, "height": 760})
        self.addCleanup(self.page.close)
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(self.sim.url)
        expect(self.page.locator("#place")).to_have_text("# general")

    def looks(self, name):
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            for size, width in (("wide", 1200), ("narrow", 360)):
                self.page.set_viewport_size({"width": width, "height": 760})
                over = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                self.assertLessEqual(over, 1, f"{name} scrolls sideways at {width}")
                if os.environ.get("BULKHEAD_SCREENSHOTS"):
                    folder = os.environ["BULKHEAD_SCREENSHOTS"]
                    self.page.screenshot(path=os.path.join(folder, f"slack-simulator-{name}-{scheme}-{size}.png"))
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1200, "height": 760})


class PageTests(BrowserTestCase):
    options = ("--demo",)
    world = False

    def test_a_conversation_is_held_through_it(self):
        self.open()
        page = self.page
        page.locator("#composer textarea").fill("@bulkhead how are you?")
        page.locator("#composer textarea").press("Enter")
        expect(page.locator("#messages .mention")).to_have_text("@bulkhead")
        root = self.sim.wait("message", by="person", text={"has": "how are you"})
        channel = root["channel"]
        self.client.assistant_threads_setStatus(channel_id=channel, thread_ts=root["ts"], status="is thinking…")
        page.locator("#messages li", has_text="how are you").get_by_role("button", name="Reply in thread").click()
        expect(page.locator("#replies .status")).to_have_text("is thinking…")
        blocks = [
            {"type": "header", "text": {"type": "plain_text", "text": "Restart the service?"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*Where:* `web-1`\n*Why:* it is slow"}},
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "action_id": "yes",
                        "style": "primary",
                        "text": {"type": "plain_text", "text": "Approve"},
                    },
                    {
                        "type": "button",
                        "action_id": "no",
                        "style": "danger",
                        "text": {"type": "plain_text", "text": "Deny"},
                    },
                ],
            },
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "Expires in 10 minutes"}]},
        ]
        self.client.chat_postMessage(channel=channel, thread_ts=root["ts"], text="card", blocks=blocks)
        expect(page.locator("#replies .block.header")).to_have_text("Restart the service?")
        expect(page.locator("#replies .status")).to_have_count(0)
        self.client.reactions_add(channel=channel, timestamp=root["ts"], name="eyes")
        expect(page.locator("#replies .reactions button", has_text=":eyes: 1")).to_have_count(1)
        page.locator("#reply textarea").fill("go on then")
        page.get_by_role("button", name="Reply", exact=True).click()
        self.sim.wait("message", by="person", text="go on then", thread_ts=root["ts"])
        expect(page.locator("#replies li")).to_have_count(3)
        self.sim.fault(envelope="interactive", kind="drop")
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("#notice")).to_contain_text("did not answer")
        self.looks("thread")
        self.assertEqual(self.errors, [])

    def test_what_an_app_writes_stays_text(self):
        self.open()
        channel = self.sim.world()["channels"]["general"]["id"]
        self.client.chat_postMessage(channel=channel, text=HOSTILE)
        self.client.chat_postMessage(channel=channel, text="x", username="<img src=x onerror=window.pwned=3>")
        message = self.page.locator("#messages li", has_text="bold")
        expect(message.locator("strong")).to_have_text("bold")
        expect(message.locator("a")).to_have_attribute("href", "https://example.com")
        expect(self.page.locator(".who", has_text="<img")).to_have_count(1)
        self.assertIsNone(self.page.evaluate("window.pwned ?? null"))

    def test_another_person_sees_other_channels(self):
        self.open()
        expect(self.page.locator("#channels button", has_text="board")).to_have_count(1)
        self.page.locator("#person").select_option("ben")
        expect(self.page.locator("#channels button", has_text="board")).to_have_count(0)
        expect(self.page.locator("#channels button", has_text="support")).to_have_count(1)


class ModalTests(BrowserTestCase):
    world = WORLD

    def test_a_modal_is_corrected_and_saved_through_it(self):
        app = answering_app(self.client, self.sim, queue.Queue())
        handler = SocketModeHandler(app, self.app["app_token"])
        handler.connect()
        self.addCleanup(hang_up, self.sim, handler)
        self.sim.wait("connected")
        self.open()
        channel = self.sim.world()["channels"]["general"]["id"]
        self.client.chat_postMessage(channel=channel, text="card", blocks=button("details"))
        self.page.get_by_role("button", name="details").click()
        expect(self.page.locator("dialog h2")).to_have_text("Details")
        self.page.locator("dialog input").fill("short")
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.locator("dialog .error")).to_have_text("say more")
        self.looks("modal")
        self.page.locator("dialog input").fill("long enough")
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.locator("dialog")).to_be_hidden()
        self.page.get_by_role("button", name="⌂ helper").click()
        expect(self.page.locator("#messages .block.header")).to_have_text("Your tasks")
        self.assertEqual(self.errors, [])
