"""Takes the pictures of docs/slack.md: the simulated Slack's page, driven by hand as it were. Run by scripts/slack-demo.sh."""

import os
import sys

from playwright.sync_api import sync_playwright

URL, FOLDER = os.environ["BULKHEAD_SLACK"], sys.argv[1]


def main():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1100, "height": 640}, color_scheme="light")
        page.goto(URL + "/")
        page.select_option("#person", label="Ben Okri")
        page.get_by_role("button", name="# general").click()

        def shot(name):
            page.wait_for_timeout(300)
            page.screenshot(path=os.path.join(FOLDER, f"slack-{name}.png"))

        def say(text):
            page.fill("#composer textarea", text)
            page.click("#composer button")
            page.wait_for_timeout(800)
            page.locator("#messages > li").last.locator("button.open").first.click()
            page.wait_for_selector("#thread:not([hidden])")

        def wait(text, where="#replies", seconds=60):
            page.locator(where).get_by_text(text).first.wait_for(timeout=seconds * 1000)

        say("@bulkhead run echo $((6 * 7)) for the plan")
        wait("42 for the plan")
        shot("thread")
        say("@bulkhead run sleep 20 && echo counted")
        wait("·", seconds=30)
        shot("progress")
        wait("counted", seconds=60)
        say("@bulkhead run rm -rf /workspace/thread/old")
        page.locator("#replies").get_by_role("button", name="Allow", exact=False).first.wait_for(timeout=60000)
        shot("question")
        page.locator("#replies").get_by_role("button", name="Allow", exact=False).first.click()
        wait("Allowed by")
        page.wait_for_timeout(2500)
        shot("outcome")
        page.set_viewport_size({"width": 390, "height": 760})
        shot("narrow")
        browser.close()


main()
