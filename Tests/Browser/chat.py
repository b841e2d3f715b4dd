"""Looks at the chat in headless Chromium. Arguments: the console's address, sign-in links for Ada and for Ben.

The fake assistant behind it does what messages say (Tests/ConsoleTests/Support/FakeTurn.swift). Every check runs although
one before it failed; the exit status says whether all held.
"""

import os
import re
import shutil
import sys
import traceback

from playwright.sync_api import expect, sync_playwright

base, ada_link, ben_link = sys.argv[1:4]
failures = []
checks = []

WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
window.alert = () => { window.alerted = true; };
"""

# Each of these would do harm, or mislead, in a renderer that is too trusting.
HOSTILE = r"""
<script>window.pwned = 1</script> <img src=x onerror="window.pwned = 2"> <svg onload="window.pwned = 3"></svg>
<iframe src="https://evil.example/frame"></iframe><style>body { display: none }</style>

![pixel](https://evil.example/pixel.png) ![x](javascript:window.pwned=4) ![d](data:image/png;base64,AAAA)

[a](javascript:window.pwned=5) [b](JaVaScRiPt:window.pwned=6) [c](data:text/html,<script>window.pwned=7</script>)
[d](vbscript:x) [e](file:///etc/passwd) [f](//evil.example/x) [g](/api/logout) [h](https://bank.example@evil.example/)
[i](java&#10;script:window.pwned=8) [j](<javascript:window.pwned=9>) [k]( javascript:alert(1) ) <javascript:alert(1)>
[https://bank.example](https://evil.example/login) [x](blob:https://evil.example/1) [y](ws://evil.example)

[**nested [inner](https://one.example) outer**](https://two.example) [![i](https://evil.example/i.png)](https://three.example)

| a | <script>window.pwned = 10</script> |
| --- | --- |
| `<b>` | [t](javascript:window.pwned=11) |

> <img src=https://evil.example/quote.png>
> - <b onclick="window.pwned = 12">bold</b>

```html
<script>window.pwned = 13</script>
```

Zero\u200bwidth, right\u202eto left, esc\u001b[31m, tag\U000E0041, soft\u00adhyphen.
""".encode().decode("unicode_escape")


def shot(page, name):
    if os.environ.get("BULKHEAD_SCREENSHOTS"):
        page.screenshot(path=os.path.join(os.environ["BULKHEAD_SCREENSHOTS"], name + ".png"))


def looks(page, name, prepare=lambda: None):
    """By day and by night, wide and on a phone: nothing scrolls sideways."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size, viewport in (("wide", (1200, 800)), ("narrow", (360, 740))):
            page.set_viewport_size({"width": viewport[0], "height": viewport[1]})
            if size == "narrow":
                expect(page.locator("#sidebar")).to_be_hidden()
            prepare()
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 1, f"{name} scrolls sideways by {over} pixels at {viewport}"
            shot(page, f"{name}-{scheme}-{size}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1200, "height": 800})


def check(function):
    checks.append(function)
    return function


def send(page, text):
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def begin(page):
    page.goto(base + "/")
    page.locator(".starter").first.wait_for()


def answered(page):
    page.locator(".entry.assistant:not(.live) .body").last.wait_for()
    expect(page.locator(".live")).to_have_count(0)


@check
def a_message_is_answered_and_tool_calls_fold(page, _):
    begin(page)
    page.locator(".starter").first.click()
    expect(page.locator("#text")).to_have_value(re.compile("orders.csv"))
    page.locator("#text").press("Enter")
    answered(page)
    expect(page.locator(".entry.user")).to_have_count(1)
    expect(page.locator(".entry.assistant table td").first).to_have_text("EMEA")
    assert "/c/" in page.url
    tool = page.locator("details.tool").first
    assert not tool.evaluate("node => node.open")
    tool.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(tool.locator("pre").first).to_contain_text('"path": "totals.py"')
    expect(tool.locator("pre").nth(1)).to_contain_text("Wrote 97 bytes")
    page.reload()
    answered(page)
    expect(page.locator(".entry")).to_have_count(2)
    with page.expect_download() as download:
        page.locator("a.attachment").click()
    assert download.value.suggested_filename == "totals.py"


@check
def an_approval_stands_outside_the_transcript_and_works_by_keyboard(page, _):
    begin(page)
    send(page, "approve the mail")
    card = page.locator("#approvals .approval")
    card.wait_for()
    assert page.locator("#transcript .approval").count() == 0
    expect(card).to_contain_text("board@example.com")
    expect(card).to_contain_text("Mail leaves the company")
    expect(card).to_contain_text("Ada Lovelace")
    expect(card).to_contain_text("Expires in")
    allow = card.get_by_role("button", name="Allow once")
    expect(allow).to_be_enabled()
    page.reload()
    card.wait_for()
    expect(allow).to_be_enabled()
    allow.focus()
    page.keyboard.press("Space")
    answered(page)
    expect(card).to_have_count(0)
    expect(page.locator(".entry.assistant strong").last).to_have_text("sent")


@check
def a_file_change_is_undone_and_done_again(page, _):
    begin(page)
    send(page, "sum the orders up")
    answered(page)
    tool = page.locator("details.tool").first
    tool.locator("summary").click()
    button = tool.locator("button.undo")
    expect(button).to_have_text("Undo")
    button.click()
    expect(button).to_have_text("Redo")
    button.click()
    expect(button).to_have_text("Undo")
    expect(page.locator("details.tool").nth(1).locator("button.undo")).to_have_count(0)


@check
def a_refusal_is_told(page, _):
    begin(page)
    send(page, "approve the mail again")
    deny = page.locator("#approvals").get_by_role("button", name="Deny\u2026")
    expect(deny).to_be_enabled()
    deny.focus()
    page.keyboard.press("Enter")
    reason = page.locator("#approvals").get_by_label("Reason")
    expect(reason).to_be_focused()
    shot(page, "approval-denying")
    page.keyboard.press("Escape")
    expect(reason).to_be_hidden()
    expect(deny).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("not to the whole board")
    with page.expect_request("**/api/approvals/*") as sent:
        page.keyboard.press("Enter")
    assert sent.value.post_data_json == {"decision": "deny", "reason": "not to the whole board"}, sent.value.post_data
    answered(page)
    expect(page.locator(".tool.denied")).to_have_count(1)


@check
def what_is_offered_is_what_can_be_chosen(page, _):
    begin(page)
    send(page, "approve just once")
    card = page.locator("#approvals .approval")
    expect(card.get_by_role("button", name="Allow once")).to_be_enabled()
    assert card.locator("footer > button").all_inner_texts() == ["Deny\u2026", "Allow once"]
    card.get_by_role("button", name="Allow once").click()
    answered(page)
    begin(page)
    send(page, "approve here")
    expect(card.get_by_role("button", name="Allow for this conversation")).to_be_enabled()
    assert card.get_by_role("button", name="Always here").count() == 0
    card.get_by_role("button", name="Allow once").click()
    answered(page)
    begin(page)
    send(page, "approve wherever")
    expect(card).to_contain_text("Rule: mail leaves")
    expect(card).to_contain_text("To be decided by the person it is done for")
    expect(card).to_contain_text("outside content")
    always = card.get_by_role("button", name="Always here")
    expect(always).to_be_enabled()
    looks(page, "approval", lambda: page.locator("#approvals").evaluate("node => node.scrollTo(0, node.scrollHeight)"))
    expect(always).to_be_enabled()
    with page.expect_request("**/api/approvals/*") as sent:
        always.click()
    assert sent.value.post_data_json == {"decision": "allow", "scope": "channel"}, sent.value.post_data
    answered(page)


@check
def a_late_click_says_so(page, _):
    begin(page)
    send(page, "approve it, in two tabs")
    card = page.locator("#approvals .approval")
    allow = card.get_by_role("button", name="Allow once")
    expect(allow).to_be_enabled()
    # The answer of another tab, of which this one has not heard.
    page.route("**/api/approvals/*", lambda route: route.fulfill(
        status=409, json={"error": {"code": "conflict", "message": "This question is answered already (allowed)."}}))
    allow.dblclick()
    expect(card.locator(".trouble")).to_contain_text("answered already")
    page.unroute("**/api/approvals/*")
    page.evaluate("path => fetch('/api/me').then(a => a.json()).then(me => fetch(path, {method: 'POST', headers:"
                  " {'X-Bulkhead-CSRF': me.csrf}, body: JSON.stringify({decision: 'deny'})}))",
                  "/api/approvals/" + card.get_attribute("data-id"))
    answered(page)
    expect(card).to_have_count(0)


@check
def grants_are_seen_and_taken_back(page, _):
    page.goto(base + "/grants")
    rows = page.locator("#rows tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("All of finance")
    expect(rows.first).to_contain_text("in force")
    looks(page, "grants")
    revoke = page.get_by_role("button", name="Revoke the grant of send_mail")
    revoke.focus()
    page.keyboard.press("Enter")
    expect(rows.first).to_contain_text("Nothing is granted")
    page.get_by_label("Show ended").check()
    expect(rows.first).to_contain_text("revoked by Ada Lovelace")
    expect(page.locator("#rows").get_by_role("button")).to_have_count(0)


@check
def hosts_are_seen_and_taken_back(page, _):
    page.goto(base + "/grants")
    rows = page.locator("#addresses tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("The policy file")
    expect(rows.nth(1)).to_contain_text("files.example.com")
    expect(rows.nth(1)).to_contain_text("No end")
    looks(page, "network")
    page.get_by_role("button", name="Revoke files.example.com").click()
    expect(rows).to_have_count(1)
    page.get_by_label("Show ended").check()
    expect(rows.nth(1)).to_contain_text("revoked by Ada Lovelace")
    expect(rows.get_by_role("button")).to_have_count(0)


@check
def the_brake_is_pulled_and_let_go(page, _):
    page.goto(base + "/pauses")
    rows = page.locator("#rows tr")
    expect(rows.first).to_contain_text("Nothing is paused")
    expect(page.get_by_label("Name")).to_be_hidden()
    page.get_by_label("Reason").fill("looking into something")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(rows.first).to_contain_text("Everything")
    expect(rows.first).to_contain_text("looking into something")
    page.locator("#brake select").select_option("tool")
    page.get_by_label("Name").fill("bosh")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_contain_text("There is no tool bosh")
    expect(page.get_by_label("Name")).to_have_value("bosh")
    page.get_by_label("Name").fill("bash")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    expect(page.locator("#trouble")).to_be_hidden()
    looks(page, "pauses")
    page.get_by_role("button", name="Resume everything").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Resume tool bash").click()
    expect(rows.first).to_contain_text("Nothing is paused")


@check
def long_arguments_must_be_seen_before_they_are_allowed(page, _):
    page.set_viewport_size({"width": 700, "height": 420})
    begin(page)
    send(page, "approve the mail once more")
    expect(page.locator("#approvals .approval pre").last).to_contain_text("sha256 0123456789abcdef")
    allow = page.locator("#approvals").get_by_role("button", name="Allow once")
    expect(page.locator("#approvals").get_by_role("button", name="Deny")).to_be_enabled()
    expect(allow).to_be_disabled()
    page.locator("#approvals").evaluate("node => node.scrollTo(0, node.scrollHeight)")
    expect(allow).to_be_enabled()
    allow.click()
    answered(page)


@check
def escape_stops_a_turn(page, _):
    begin(page)
    send(page, "wait for me")
    expect(page.locator(".live")).to_contain_text("sleep infinity")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".entry.notice")).to_contain_text("Stopped")
    expect(page.locator(".live")).to_have_count(0)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


@check
def hostile_markdown_does_nothing(page, requests):
    begin(page)
    before = len(requests)
    send(page, "say " + HOSTILE)
    answered(page)
    body = page.locator(".entry.assistant .body").last
    assert page.evaluate("window.pwned") is None and page.evaluate("window.alerted") is None
    assert body.locator("script, img, iframe, svg:not(.icon), style, object, embed, form, [onclick], [onerror], [style]").count() == 0
    for link in body.locator("a").all():
        href = link.get_attribute("href")
        assert re.match(r"https?://|mailto:", href), href
        assert "@" not in href and link.get_attribute("target") == "_blank", href
        assert set(link.get_attribute("rel").split()) >= {"noopener", "noreferrer"}
        assert link.locator("a").count() == 0
    text = body.inner_text()
    assert "<script>window.pwned = 1</script>" in text and "<b onclick=" in text
    assert "https://bank.example (evil.example)" in text, text
    assert "\u202e" not in text and "\u200b" not in text and "\u001b" not in text and "\U000e0041" not in text
    assert "U+202E" in text and "U+200B" in text and "\u241b" in text and "U+E0041" in text
    assert [url for url in requests[before:] if not url.startswith(base)] == []


@check
def what_people_type_is_shown_as_typed(page, _):
    begin(page)
    send(page, "say x\n  <b>**not bold**</b> \u202egnp.exe javascript:alert(1) https://example.com/a_b_")
    answered(page)
    typed = page.locator(".entry.user .typed")
    assert "  <b>**not bold**</b> U+202Egnp.exe javascript:alert(1)" in typed.inner_text()
    assert [link.get_attribute("href") for link in typed.locator("a").all()] == ["https://example.com/a_b"]


@check
def markdown_has_the_right_shape(page, _):
    begin(page)
    send(page, "say # Title\n\n1. one\n   - deep `x*y`\n   - *em* and **strong** and ~~gone~~ and snake_case_name\n2. two\n\n"
         "   more\n- [x] done\n\n> quote\n\n```py\nif a < b:\n\tpass\n```\n\nline  \nbreak https://example.com/x. "
         "<https://example.com/y> [mail](mailto:a@b.example) [w](https://en.example/a_(b) \"t\") \\*no\\*\n\n---\n\na | b\n-|-\n1 | 2")
    answered(page)
    shape = page.locator(".entry.assistant .body").last.evaluate("""body => {
      const walk = (node) => node.nodeType === 3 ? (node.data.trim() ? "." : "") :
        node.localName + "(" + [...node.childNodes].map(walk).join("") + ")";
      body.normalize();
      return [...body.children].map((node) => node.localName === "figure" ? "code:" + node.querySelector("code").textContent : walk(node));
    }""")
    expected = [
        "h3(.)",
        "ol(li(p(.)ul(li(.code(.))li(em(.).strong(.).del(.).)))li(p(.)p(.)))",
        "ul(li(input().))",
        "blockquote(p(.))",
        "code:if a < b:\n\tpass",
        "p(.br().a(.).a(.)a(.)span(.)a(.)span(.).)",
        "hr()",
        "div(table(thead(tr(th(.)th(.)))tbody(tr(td(.)td(.)))))",
    ]
    assert shape == expected, "\n".join(map(str, shape))


@check
def markdown_takes_linear_time(page, _):
    begin(page)
    slow = page.evaluate("""async () => {
      const path = document.querySelector('script[src]').src.replace(/[^/]*$/, 'markdown.js');
      const { renderMarkdown } = await import(path);
      const many = (text, count) => text.repeat(count);
      const inputs = {
        brackets: many('[', 40000), images: many('![', 20000), closers: many('](', 20000), links: many('[a](b', 9000),
        stars: many('*', 45000), emphasis: many('*a ', 15000) + many('a* ', 1000), mixed: many('**a _b ', 6000),
        ticks: Array.from({length: 300}, (_, i) => many('`', i + 1)).join(' '), quotes: many('>', 20000),
        lists: Array.from({length: 400}, (_, i) => many('  ', i) + '- x').join('\\n'), items: many('- x\\n', 20000),
        fences: many('```\\n', 20000), fence: '```' + many('a', 300000) + '`', spaces: '- ' + many(' ', 300000) + 'x',
        table: many('|', 40000) + '\\n' + many('|-', 20000), row: '---' + many(' ', 300000) + 'x', heading: '# ' + many('# ', 100000),
        breaks: many('a  \\n', 12000), escapes: many('\\\\', 49000), html: many('<a href=', 6000), urls: many('https://a', 5000),
        parens: '[a](' + many('(', 40000), blank: many('\\n', 300000), huge: many('word ', 400000),
      };
      const slow = [];
      const timed = (text) => {
        const start = performance.now();
        renderMarkdown(document.createElement('div'), text);
        return performance.now() - start;
      };
      // Twice as much takes twice as long, on a busy machine too; four times as long would be a quadratic one.
      for (const [name, text] of Object.entries(inputs)) {
        const whole = timed(text);
        if (whole < 3000) continue;
        const half = timed(text.slice(0, text.length / 2));
        if (whole > 3.2 * half) slow.push(name + ' ' + Math.round(half) + ' ms, twice as much ' + Math.round(whole) + ' ms');
      }
      return slow;
    }""")
    assert slow == [], slow


@check
def files_go_up_and_long_text_becomes_one(page, _):
    begin(page)
    page.locator("#picker").set_input_files({"name": "notes \u202egnp.txt", "mimeType": "text/html", "buffer": b"<b>hi</b>"})
    expect(page.locator("#files .attachment")).to_have_count(1)
    expect(page.locator("#send")).to_be_enabled()
    send(page, "say thanks")
    answered(page)
    expect(page.locator(".entry.user .attachment")).to_contain_text("notes")
    page.locator("#text").evaluate("""node => {
      const data = new DataTransfer();
      data.setData("text/plain", "x".repeat(3 << 20));
      node.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }""")
    expect(page.locator("#files .attachment")).to_contain_text("pasted.txt")
    expect(page.locator("#text")).to_have_value("")
    page.locator("#files").get_by_role("button", name="Remove pasted.txt").click()
    expect(page.locator("#files .attachment")).to_have_count(0)


@check
def keyboard_alone_is_enough(page, _):
    begin(page)
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("say one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    answered(page)
    expect(page.locator(".entry.user .typed")).to_have_text("say one\ntwo")
    page.locator("#mode").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#mode")).to_contain_text("Read only")
    page.keyboard.press("Enter")
    expect(page.locator("#mode-menu button")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#mode-menu")).to_be_hidden()
    page.goto(base + "/")
    page.locator(".starter").first.wait_for()
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className || document.activeElement.tagName"))
    assert {"new", "starter", "attach", "text"} <= reached, reached


@check
def nothing_scrolls_sideways_on_a_phone(page, _):
    begin(page)
    send(page, "add it up")
    answered(page)
    chat = page.url
    begin(page)
    send(page, "say " + "w" * 400 + "\n\n| " + " | ".join("column" + str(n) for n in range(12)) + " |\n" + "|-" * 12
         + "|\n\n```\n" + "x" * 300 + "\n```\n\n`" + "y" * 200 + "`\n\nhttps://example.com/" + "z" * 300)
    answered(page)
    wide = page.url
    for width in (320, 360, 400, 1600):
        page.set_viewport_size({"width": width, "height": 700})
        for address in (chat, wide, base + "/", base + "/audit", base + "/sessions", base + "/grants", base + "/pauses", base + "/login"):
            page.goto(address)
            page.locator("body[data-ready], .plain-page").wait_for()
            over = page.evaluate("""() => [document.documentElement, document.body, document.getElementById('scroller')]
                .filter((node) => node && node.scrollWidth > node.clientWidth + 1).map((node) => node.tagName + node.scrollWidth)""")
            assert over == [], (width, address, over)
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(chat)
    expect(page.locator("#sidebar")).to_be_hidden()
    page.get_by_role("button", name="Open the sidebar").click()
    expect(page.locator("#sidebar")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sidebar")).to_be_hidden()


@check
def the_audit_is_shown_filtered_and_verified(page, _):
    page.goto(base + "/audit")
    expect(page.locator("#rows > tr:not(.details)")).to_have_count(12)
    page.get_by_role("button", name="Details of row 12").click()
    expect(page.locator("#details-12")).to_contain_text("digest")
    page.get_by_label("Tool").fill("bash")
    page.keyboard.press("Enter")
    expect(page.locator("#rows > tr:not(.details)")).to_have_count(3)
    page.get_by_role("button", name="Verify the history").click()
    expect(page.locator("#verification")).to_contain_text("Provable up to row 12")
    page.goto(base + "/sessions")
    expect(page.locator("#rows tr")).to_have_count(2)


@check
def a_lost_connection_is_told_and_mended(page, _):
    begin(page)
    send(page, "say before")
    answered(page)
    # What is open stays open when a browser goes offline, so the page is opened while its stream cannot be.
    page.route("**/events?*", lambda route: route.abort())
    page.reload()
    expect(page.locator("#notice")).to_contain_text("Connection lost")
    page.unroute("**/events?*")
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#notice")).to_be_hidden()
    send(page, "say after")
    expect(page.locator(".entry.assistant .body").last).to_have_text("after")


@check
def members_of_a_channel_are_shown_and_changed(page, _):
    page.goto(base + "/n/c-finance")
    page.locator("body[data-ready]").wait_for()
    button = page.get_by_role("button", name="Members")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("li")).to_have_count(2)
    dialog.get_by_label("Name of the person").fill("p-cleo")
    page.keyboard.press("Enter")
    expect(dialog.locator("li")).to_have_count(3)
    expect(dialog).to_contain_text("Cleo Nguyen")
    if shots := os.environ.get("BULKHEAD_SCREENSHOTS"):
        page.screenshot(path=shots + "/members.png")
    dialog.get_by_role("button", name="Remove Cleo Nguyen").click()
    expect(dialog.locator("li")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    begin(page)
    expect(page.locator("#members")).to_be_hidden()


@check
def signing_out_is_noticed_everywhere(page, _):
    begin(page)
    page.locator("#text").fill("unsent words")
    other = page.context.new_page()
    other.goto(base + "/")
    other.get_by_role("button", name="Sign out").click()
    expect(other.locator("#signed-out")).to_be_visible()
    send(page, "unsent words")
    expect(page.locator("#signed-out")).to_contain_text("sign-in link")
    assert other.evaluate("fetch('/api/me').then(answer => answer.status)") == 401
    other.close()


def sign_in(browser, link, name, problems, requests, **options):
    context = browser.new_context(**options)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: problems.append("script error: " + str(error)))
    page.on("console", lambda message: problems.append("console: " + message.text) if message.type == "error" and not re.search("40[1349]|ERR_FAILED", message.text) else None)
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: problems.append("dialog"))
    page.goto(link)
    page.get_by_role("button", name="Sign in as " + name).click()
    page.locator("body[data-ready]").wait_for()
    return page


def main():
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        problems, requests = [], []
        ben = sign_in(browser, ben_link, "Ben Okri", problems, requests)
        assert ben.get_by_role("link", name="Audit").count() == 0
        assert ben.get_by_role("link", name="Pause").count() == 0
        ben.goto(base + "/pauses")
        expect(ben.locator("#notice")).to_contain_text("Only an owner or admin")
        expect(ben.locator("#brake")).to_be_hidden()
        problems.clear()
        ben.context.close()
        page = sign_in(browser, ada_link, "Ada Lovelace", problems, requests, accept_downloads=True)
        for function in checks:
            page.set_viewport_size({"width": 1200, "height": 800})
            try:
                function(page, requests)
                violations = page.evaluate("window.violations")
                assert violations == [], violations
                assert problems == [], problems
                print("ok    ", function.__name__, flush=True)
            except Exception:
                failures.append(function.__name__)
                print("FAILED", function.__name__, flush=True)
                traceback.print_exc()
                problems.clear()
        foreign = [url for url in requests if not url.startswith((base, "blob:"))]
        assert foreign == [], foreign
        browser.close()
    return 1 if failures else 0


sys.exit(main())
