"""What an app answers through a response_url, or in the ack of a command."""

from aiohttp import web

from . import blocks
from .errors import SlackError
from .interactions import RESPONSE_USES
from .model import Message


class Responses:
    def __init__(self, simulator):
        self.sim, self.world = simulator, simulator.world

    async def handle(self, request):
        place = self.sim.interactions.responses.get(request.path)
        if place is None or self.world.clock.now() > place["until"]:
            return web.Response(status=404, text="expired_url")
        if place["uses"] >= RESPONSE_USES:
            return web.Response(status=404, text="used_url")
        try:
            body = await request.json()
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        if not isinstance(body, dict):
            return web.Response(status=400, text="invalid_payload")
        place["uses"] += 1
        self.sim.journal.note(
            "response_url", app=place["app"].id, channel=place["channel"], user=place["user"], body=body
        )
        try:
            self.apply(place, body)
        except SlackError as error:
            return web.Response(status=404 if error.error == "message_not_found" else 400, text=error.error)
        return web.Response(text="ok")

    def apply(self, place, body):
        channel = self.world.channels[place["channel"]]
        target = channel.messages.get(place["ts"]) or self.sim.ephemerals.get(place["ts"])
        if body.get("delete_original") or body.get("replace_original"):
            if target is None:
                raise SlackError("message_not_found")
            if body.get("delete_original"):
                return self._delete(channel, target)
            return self._replace(channel, target, body)
        self._post(channel, place, body)

    def _content(self, body):
        given = body.get("blocks") or []
        if not given and not body.get("text") and not body.get("attachments"):
            raise SlackError("no_text")
        return {
            "text": body.get("text") or "", "blocks": blocks.checked(given, self.world.ids),
            "attachments": body.get("attachments") or [],
        }  # fmt: skip

    def _post(self, channel, place, body):
        app = place["app"]
        message = Message(
            self.world.ids.ts(), channel.id, app.bot_user, bot_id=app.bot_id, app_id=app.id,
            thread_ts=body.get("thread_ts") or "", metadata=body.get("metadata") or {}, **self._content(body),
        )  # fmt: skip
        if body.get("response_type") == "in_channel":
            self.sim.messaging.post(channel, message)
        else:
            message.ephemeral_to = place["user"]
            self.sim.post_ephemeral(channel, message)

    def _replace(self, channel, target, body):
        if target.ephemeral_to:
            for name, value in self._content(body).items():
                setattr(target, name, value)
            self.sim.journal.note("edited", **self.sim.messaging.summary(target), to=target.ephemeral_to)
        else:
            self.sim.messaging.edit(channel, target, target.user, **self._content(body))

    def _delete(self, channel, target):
        if target.ephemeral_to:
            del self.sim.ephemerals[target.ts]
            self.sim.journal.note("deleted", channel=channel.id, ts=target.ts, to=target.ephemeral_to)
        else:
            self.sim.messaging.delete(channel, target)
