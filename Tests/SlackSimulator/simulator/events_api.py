"""Events, interactions and commands by HTTP: signed requests to the app, repeated where it does not answer."""

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from .deliveries import Outcome

ANSWER_SECONDS = 3


class EventsAPI:
    def __init__(self, simulator):
        self.clock, self.journal, self.spawn = simulator.clock, simulator.journal, simulator.spawn
        self._ids = simulator.world.ids
        self._session = None

    async def close(self):
        if self._session:
            await self._session.close()

    def begin(self, delivery):
        headers = {}
        if delivery.attempt:
            headers = {"X-Slack-Retry-Num": str(delivery.attempt), "X-Slack-Retry-Reason": delivery.reason}
        return asyncio.ensure_future(self._post(delivery, headers))

    async def verify(self, app):
        """The challenge Slack sends when an address is entered."""
        challenge = self._ids.hex(48)
        body = json.dumps({"token": app.verification_token, "challenge": challenge, "type": "url_verification"})
        status, text, _, reason = await self._send(app, app.request_url, "application/json", body, {}, "")
        answers = {text.strip()}
        try:
            answers.add(json.loads(text)["challenge"])
        except (ValueError, KeyError, TypeError):
            pass
        is_verified = status == 200 and challenge in answers
        self.journal.note("verification", app=app.id, verified=is_verified, status=status, reason=reason)
        return is_verified

    async def _post(self, delivery, headers):
        app, kind, payload = delivery.app, delivery.kind, delivery.payload
        if kind == "events_api":
            url, content_type, body = app.request_url, "application/json", json.dumps(payload)
        else:
            url = app.interactivity_url or app.request_url
            fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            content_type, body = "application/x-www-form-urlencoded", urlencode(fields)
        status, text, answered, reason = await self._send(app, url, content_type, body, headers, delivery.tampering)
        is_good = status is not None and 200 <= status < 300
        self.journal.note(
            "http", app=app.id, type=kind, payload=payload, attempt=delivery.attempt, retry=headers, status=status,
            reason=reason, url=url,
        )  # fmt: skip
        if not is_good:
            return Outcome(False, reason=reason or "http_error", may_retry=answered.get("X-Slack-No-Retry") != "1")
        try:
            return Outcome(True, json.loads(text) if text.strip() else None)
        except ValueError:
            return Outcome(True, {"text": text})

    async def _send(self, app, url, content_type, body, headers, tampering):
        """Status, text, headers, and why there is none of them. Signed in real time: the app's clock is real."""
        stamp = str(int(time.time()) - (600 if tampering == "old_timestamp" else 0))
        secret = "not the app's" if tampering == "bad_signature" else app.signing_secret
        digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            **headers, "Content-Type": content_type, "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)", "Accept": "*/*",
        }  # fmt: skip
        if self._session is None:
            self._session = aiohttp.ClientSession()
        request = asyncio.ensure_future(self._exchange(url, body, headers))
        late = asyncio.ensure_future(self.clock.sleep(ANSWER_SECONDS))
        await asyncio.wait({request, late}, return_when=asyncio.FIRST_COMPLETED)
        late.cancel()
        if not request.done():
            request.cancel()
            return None, "", {}, "http_timeout"
        return request.result()

    async def _exchange(self, url, body, headers):
        try:
            async with self._session.post(url, data=body.encode(), headers=headers) as response:
                reason = "" if response.status < 300 else "http_error"
                return response.status, await response.text(), response.headers, reason
        except aiohttp.TooManyRedirects:
            return None, "", {}, "too_many_redirects"
        except aiohttp.ClientConnectorSSLError:
            return None, "", {}, "ssl_error"
        except (aiohttp.ClientError, ValueError):
            return None, "", {}, "connection_failed"
