"""A question that outlives the turn that asked, in headless Chromium against a whole installation. Argument: a sign-in link."""

import shutil
import sys

from playwright.sync_api import expect, sync_playwright

expect.set_options(timeout=30_000)
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(sys.argv[1])
    page.get_by_role("button", name="Sign in as root").click()
    page.locator("body[data-ready]").wait_for()
    page.locator("#text").fill("run echo waited-$((40 + 2))")
    page.locator("#text").press("Enter")
    card = page.locator("#approvals .approval")
    notices = page.locator(".entry.notice")
    expect(notices).to_have_count(1)
    expect(notices.last).to_contain_text("Waiting for root’s word on")
    expect(page.locator(".live")).to_have_count(0)
    expect(card).to_have_count(1)
    # Nothing runs, so there is nothing to stop, and one can go on writing.
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    page.locator("#text").fill("say meanwhile")
    page.locator("#text").press("Enter")
    expect(page.locator(".entry.assistant:not(.live)").last).to_contain_text("meanwhile")
    expect(card).to_have_count(1)
    # Whoever comes back later finds it.
    page.reload()
    page.locator("body[data-ready]").wait_for()
    expect(card).to_contain_text("waited-$((40 + 2))")
    allow = card.get_by_role("button", name="Allow once")
    expect(allow).to_be_enabled()
    allow.click()
    expect(page.locator(".entry.assistant:not(.live)").last).to_contain_text("waited-42")
    expect(notices.last).to_contain_text("Allowed by root: bash")
    expect(card).to_have_count(0)
    expect(page.locator(".live")).to_have_count(0)
    assert errors == [], errors
    browser.close()
print("ok     waiting")
