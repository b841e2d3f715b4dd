"""Looks at the chat in headless Chromium. Arguments: the console's address, sign-in links for Ada and for Ben."""
import sys

from playwright.sync_api import sync_playwright

base, ada, ben = sys.argv[1:4]
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    page = browser.new_page()
    page.goto(ada)
    page.get_by_role("button", name="Sign in as Ada Lovelace").click()
    page.get_by_role("textbox", name="Message").fill("say **hello**")
    page.keyboard.press("Enter")
    page.locator(".entry.assistant strong", has_text="hello").wait_for()
    browser.close()
