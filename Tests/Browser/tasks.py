"""The page of tasks, driven in Chromium: what stands there, what its buttons do, and that nothing in a task is obeyed."""
import sys

from playwright.sync_api import sync_playwright

base, link = sys.argv[1:3]
problems = []


def check(what, condition):
    if not condition:
        problems.append(what)
        print("NOT:", what, file=sys.stderr)


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
    page = browser.new_page(viewport={"width": 1200, "height": 900}, timezone_id="Europe/Berlin")
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(link)
    page.click("button")
    page.wait_for_url(base + "/")
    page.goto(base + "/tasks")
    page.wait_for_selector("#rows tr td .link")
    rows = page.inner_text("#rows")
    check("the name is shown as it was written", "Morning <b>report</b>" in rows)
    check("the schedule is told in words", "every weekday at 09:00" in rows)
    calendar = page.inner_text("#calendar")
    check("the calendar has the next times, or says that nothing is due", "09:00" in calendar or "Nothing is due" in calendar)
    page.click("#rows .link")
    page.wait_for_selector("#runs tr")
    runs = page.inner_text("#runs")
    check("a run tells why it failed", "the <i>disk</i> is full" in runs and "failed" in runs)
    check("nothing of a prompt is a script", "<script>" in page.inner_text("#told"))
    page.click("summary")
    check("the zone is the browser's", page.input_value("[name=zone]") == "Europe/Berlin")
    page.fill("[name=name]", "x")
    page.fill("[name=prompt]", "y")
    page.fill("[name=expression]", "61 * * * *")
    page.click("#try")
    page.wait_for_selector("#trouble:not([hidden])")
    check("what is wrong is said", "A minute is 0 to 59." in page.inner_text("#trouble"))
    page.fill("[name=expression]", "0 8 * * *")
    page.click("#try")
    page.wait_for_selector("#preview:not([hidden])")
    check("the next times are shown", "every day at 08:00" in page.inner_text("#preview"))
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    for width, scheme, name in [(1200, "light", "wide"), (1200, "dark", "dark"), (380, "light", "narrow")]:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(500)
        overflow = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
        check(f"{name}: nothing runs out of the page", not overflow)
        if len(sys.argv) > 3:
            page.screenshot(path=f"{sys.argv[3]}/tasks-{name}.png", full_page=True)
    check("no script failed: " + "; ".join(errors), not errors)
    browser.close()
sys.exit(1 if problems else 0)
