"""Sends what Slack sends by HTTP, signed by Slack's own library: URL SECRET. Prints a status and a body by line."""

import http.client
import json
import sys
import time
from urllib.parse import urlencode, urlsplit

from slack_sdk.signature import SignatureVerifier

url, secret = urlsplit(sys.argv[1]), sys.argv[2]
FORM = "application/x-www-form-urlencoded"


def send(name, body, kind="application/json", path=url.path, method="POST", age=0, key=secret, again=False, extra=()):
    stamp = str(int(time.time()) - age)
    signature = SignatureVerifier(key).generate_signature(timestamp=stamp, body=body)
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    for _ in range(2 if again else 1):
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
        connection.putrequest(method, path)
        for pair in [*headers.items(), ("Content-Length", str(len(body.encode()))), *extra]:
            connection.putheader(*pair)
        connection.endheaders()
        connection.send(body.encode())
        answer = connection.getresponse()
        print(name, answer.status, answer.read().decode())


event = json.dumps({"type": "event_callback", "event_id": "Ev1", "event": {"type": "message", "text": "grüße"}})
send("event", event)
send("retry", event, extra=[("X-Slack-Retry-Num", "1"), ("X-Slack-Retry-Reason", "http_timeout")], age=-1)
send("challenge", json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "t"}))
send("click", urlencode({"payload": json.dumps({"type": "block_actions", "actions": []})}), FORM, again=True)
send("command", urlencode({"command": "/bulkhead", "text": "help", "user_id": "U1"}), FORM)
send("stranger", event, key="not the secret of this app")
send("old", event, age=301)
send("elsewhere", event, path="/")
send("reading", event, method="GET")
send("twice", event + " ", extra=[("X-Slack-Signature", "v0=" + "0" * 64)])
