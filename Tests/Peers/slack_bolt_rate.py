"""How fast the official SDK answers signed events, each kept in SQLite before: p50 and p99 in ms, and events a second."""

import json
import sqlite3
import sys
import time

from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

secret, path = sys.argv[1:]
database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode = WAL")
database.execute("PRAGMA synchronous = FULL")
database.execute("CREATE TABLE events (id TEXT PRIMARY KEY, body TEXT)")
known = AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-1", bot_id="B0", bot_user_id="U0BOT")
app = App(signing_secret=secret, authorize=lambda: known, process_before_response=True)


@app.event("message")
def keep(body):
    database.execute("INSERT OR IGNORE INTO events VALUES (?, ?)", (body["event_id"], json.dumps(body)))


signer = SignatureVerifier(secret)


def request(number):
    text = f"<@U0BOT> what does the plan say about item {number}? " + "words " * 40
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    event = {
        "type": "message", "channel": f"C{number % 40}", "user": f"U{number % 200}", "ts": f"{number}.000100",
        "text": text, "blocks": [{"type": "rich_text", "elements": [section]}],
    }  # fmt: skip
    body = json.dumps(
        {"type": "event_callback", "team_id": "T0", "api_app_id": "A0", "event_id": f"Ev{number}", "event": event}
    )
    now = str(int(time.time()))
    headers = {
        "content-type": ["application/json"], "x-slack-request-timestamp": [now],
        "x-slack-signature": [signer.generate_signature(timestamp=now, body=body)],
    }  # fmt: skip
    return BoltRequest(body=body, headers=headers)


times = []
for number in range(2100):
    start = time.perf_counter()
    answer = app.dispatch(request(number))
    times.append(time.perf_counter() - start)
    assert answer.status == 200, answer
times = sorted(times[100:])
print(times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000, len(times) / sum(times))
