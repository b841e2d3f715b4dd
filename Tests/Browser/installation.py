"""The chat in headless Chromium against a whole installation: real daemon, containers, policy, offline model.

    installation.py SIGN-IN-LINK DIRECTORY

Writes screenshots into DIRECTORY. What the browser cannot do it asks for on standard output and waits for a file of that
name in DIRECTORY: `restarted` (the daemon was killed and started again) with a fresh sign-in link as its content.
"""

import pathlib
import re
import shutil
import sys
import time

from playwright.sync_api import expect, sync_playwright

link, directory = sys.argv[1], pathlib.Path(sys.argv[2])
base = re.match(r"https?://[^/]+", link).group()
shots = 0


def shot(page, name):
    global shots
    shots += 1
    page.screenshot(path=directory / f"{shots:02}-{name}.png")


def send(page, text):
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def answered(page, count):
    """Until that many answers stand in the transcript and nothing is under way."""
    expect(page.locator(".entry.assistant:not(.live), .entry.notice")).to_have_count(count)
    expect(page.locator(".live")).to_have_count(0)
    return page.locator(".entry.assistant:not(.live), .entry.notice").last


def ask(what):
    print(what, flush=True)
    answer = directory / what
    deadline = time.monotonic() + 60
    while not answer.exists():
        assert time.monotonic() < deadline, f"nobody did: {what}"
        time.sleep(0.1)
    return answer.read_text()


def sign_in(page, link):
    page.goto(link)
    shot(page, "sign-in")
    page.get_by_role("button", name="Sign in as root").click()
    page.locator("body[data-ready]").wait_for()


def a_starter(page):
    page.locator(".starter").first.wait_for()
    shot(page, "start")
    page.get_by_role("button", name="Summarise the Q3 report").click()
    page.locator("#text").press("Enter")
    entry = answered(page, 1)
    expect(entry).to_contain_text("Q3")
    assert "/c/" in page.url
    expect(page.locator("#channels a[aria-current=page]")).to_contain_text("Summarise")
    shot(page, "starter-answered")


def streaming(page):
    send(page, "say one two three\nwait 3\nrun sleep 2; echo tool words\nwrite report.txt: figures of the day\nread report.txt")
    live = page.locator(".live")
    live.wait_for()
    lengths = set()
    while len(lengths) < 4 and live.count():
        lengths.add(len(live.locator(".body").inner_text()))
        page.wait_for_timeout(100)
    assert len(lengths) >= 4, f"the answer does not stream: {lengths}"
    shot(page, "streaming")
    live.locator(".tool").first.wait_for()
    shot(page, "tool-running")
    entry = answered(page, 2)
    tools = entry.locator("details.tool")
    expect(tools).to_have_count(3)
    assert not any(tools.nth(n).evaluate("node => node.open") for n in range(3)), "tool calls begin folded"
    tools.first.locator("summary").click()
    expect(tools.first.locator("pre").first).to_contain_text("sleep 2; echo tool words")
    expect(tools.first.locator("pre.result")).to_contain_text("tool words")
    shot(page, "tool-unfolded")


def files(page):
    page.locator("#picker").set_input_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"the harbour opens at nine"})
    expect(page.locator("#send")).to_be_enabled()
    shot(page, "file-attached")
    send(page, "read")
    expect(answered(page, 3)).to_contain_text("the harbour opens at nine")
    send(page, "publish report.txt")
    entry = answered(page, 4)
    with page.expect_download() as download:
        entry.locator("a.attachment").click()
    assert download.value.suggested_filename == "report.txt"
    assert pathlib.Path(download.value.path()).read_text() == "figures of the day"
    shot(page, "file-published")


def approvals(page):
    card = page.locator("#approvals .approval")
    send(page, "edit report.txt: day => night")
    card.wait_for()
    expect(card).to_contain_text("edit_file")
    expect(card).to_contain_text("report.txt")
    deny = card.get_by_role("button", name="Deny\u2026")
    expect(deny).to_be_enabled()
    shot(page, "approval")
    deny.click()
    card.get_by_role("button", name="Deny", exact=True).click()
    entry = answered(page, 5)
    expect(entry.locator(".tool.denied")).to_have_count(1)
    expect(card).to_have_count(0)
    shot(page, "denied")
    send(page, "edit report.txt: day => night\nread report.txt")
    allow = card.get_by_role("button", name="Allow once")
    expect(card).to_contain_text("+figures of the night")
    # What an edit changes may stand below the fold, and has to be seen first.
    page.locator("#approvals").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    expect(allow).to_be_enabled()
    allow.click()
    expect(answered(page, 6)).to_contain_text("figures of the night")


def cancelling(page):
    send(page, "run sleep 500")
    expect(page.locator(".live .tool.running")).to_have_count(1)
    page.get_by_role("button", name="Stop", exact=True).click()
    entry = answered(page, 7)
    expect(entry).to_contain_text("Stopped by root")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()
    shot(page, "stopped")


def a_restart(page):
    """In the middle of a turn. Whoever is signed out by it signs in again and finds everything."""
    send(page, "write begun.txt: x\nwait 30")
    page.locator(".live .tool").first.wait_for()
    page.locator("#text").fill("half a sentence")
    conversation = page.url
    link = ask("restarted")
    page.wait_for_function(
        "() => !document.getElementById('notice').hidden || document.getElementById('signed-out')?.checkVisibility()"
        " || document.querySelectorAll('.entry.notice').length > 1")
    shot(page, "restarted")
    signed_out = page.locator("#signed-out")
    try:
        expect(page.locator(".entry.notice")).to_have_count(2, timeout=8000)
    except AssertionError:
        expect(signed_out).to_be_visible()
        shot(page, "signed-out")
        sign_in(page, link)
        page.goto(conversation)
    expect(answered(page, 8)).to_contain_text("restarted in the middle")
    expect(page.locator("#text")).to_have_value("half a sentence")
    expect(page.locator("#notice")).to_be_hidden()
    shot(page, "recovered")
    send(page, "read report.txt")
    expect(answered(page, 9)).to_contain_text("figures of the night")


def looks(page):
    """Narrow and dark, for people to look at."""
    conversation = page.url
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for name, address in (("chat", conversation), ("start", base + "/"), ("audit", base + "/audit"), ("sessions", base + "/sessions"), ("grants", base + "/grants"), ("pauses", base + "/pauses")):
            for size, viewport in (("wide", (1200, 800)), ("narrow", (360, 740))):
                if (scheme, size) == ("light", "wide") and name in ("chat", "start"):
                    continue
                page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
                page.goto(address)
                page.locator("body[data-ready]").wait_for()
                if name in ("audit", "sessions", "grants", "pauses"):
                    page.locator("#rows tr").first.wait_for()
                over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert over <= 1, f"{name} scrolls sideways by {over} pixels at {viewport}"
                shot(page, f"{name}-{scheme}-{size}")
    page.set_viewport_size({"width": 1200, "height": 800})
    page.goto(base + "/audit")
    page.get_by_role("button", name="Verify the history").click()
    expect(page.locator("#verification")).to_contain_text("Provable up to row")
    shot(page, "verified")


def main():
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1200, "height": 800}, accept_downloads=True)
        page = context.new_page()
        page.set_default_timeout(20_000)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        sign_in(page, link)
        try:
            for step in (a_starter, streaming, files, approvals, cancelling, a_restart, looks):
                step(page)
                print("ok", step.__name__, flush=True)
        except BaseException:
            shot(page, "failed")
            raise
        assert problems == [], problems
        browser.close()


main()
