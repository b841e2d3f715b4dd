"""An admin in somebody else's name, in headless Chromium. Arguments: the console's address, a link for Ben made by Ada."""

import shutil
import sys

from playwright.sync_api import expect, sync_playwright

base, link = sys.argv[1:3]

expect.set_options(timeout=15_000)
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(link)
    expect(page.locator("main")).to_contain_text("Ada Lovelace made this link")
    page.get_by_role("button", name="Sign in as Ben Okri").click()
    notice = page.locator("#on-behalf")
    expect(notice).to_contain_text("You are signed in as Ben Okri, by Ada Lovelace.")
    page.locator("#text").fill("approve the mail")
    page.locator("#text").press("Enter")
    card = page.locator("#approvals .approval")
    expect(card).to_contain_text("Not yours to decide")
    assert card.get_by_role("button").count() == 0
    # What comes and goes in the other bar leaves it alone, and so does another page.
    expect(notice).to_be_visible()
    page.goto(base + "/sessions")
    expect(notice).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"
    assert errors == [], errors
    browser.close()
print("ok     on behalf")
