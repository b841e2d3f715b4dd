"""/_sim/...: the test's own way in. README.md lists it."""

import asyncio
import json

from aiohttp import web

from .deliveries import Delivery
from .errors import ControlError
from .setup import Setup

VERBS = {
    "post", "upload", "edit", "delete", "react", "unreact", "stop_stream", "join", "invite", "leave", "remove",
    "open_home",
    "open_assistant", "click", "submit", "close", "shortcut", "command",
}  # fmt: skip


class Control:
    def __init__(self, simulator):
        self.sim = simulator

    def add_routes(self, router):
        for verb, path, handler in [
            ("GET", "world", self.world), ("POST", "world", self.build), ("POST", "apps/{app}", self.change_app),
            ("POST", "users/{user}", self.change_user), ("POST", "channels/{channel}", self.change_channel),
            ("POST", "act", self.act), ("POST", "wait", self.wait), ("GET", "journal", self.journal),
            ("GET", "messages", self.messages), ("GET", "channel", self.channel), ("GET", "views", self.views),
            ("GET", "file", self.file), ("POST", "faults", self.add_fault), ("GET", "faults", self.faults),
            ("DELETE", "faults", self.clear_faults), ("POST", "limits", self.limits),
            ("GET", "connections", self.connections), ("POST", "connections", self.disturb), ("POST", "clock",
            self.clock),
        ]:  # fmt: skip
            router.add_route(verb, f"/_sim/{path}", self._answering(handler))

    def _answering(self, handler):
        """A request that cannot be gets 400 and words. Pages of other sites are refused: a browser would let them."""

        async def answer(request):
            if request.headers.get("Sec-Fetch-Site") not in (None, "same-origin", "none"):
                return web.json_response({"error": "the control API is for tests, not for other sites"}, status=403)
            try:
                body = await request.json() if request.can_read_body else {}
                if not isinstance(body, dict):
                    raise ControlError("the body has to be a JSON object")
                result = await handler(request, body)
            except ControlError as error:
                return web.json_response({"error": str(error)}, status=400)
            except json.JSONDecodeError as error:
                return web.json_response({"error": f"the body is no JSON: {error}"}, status=400)
            except KeyError as error:
                return web.json_response({"error": f"missing: {error.args[0]}"}, status=400)
            return (
                result if isinstance(result, web.Response) else web.json_response(result if result is not None else {})
            )

        return answer

    # --- World ------------------------------------------------------------------------------------------------------

    async def world(self, request, body):
        return Setup(self.sim).shown()

    async def build(self, request, body):
        return await Setup(self.sim).build(body)

    async def change_app(self, request, body):
        return await Setup(self.sim).change_app(self.sim.world.find_app(request.match_info["app"]), body)

    async def change_user(self, request, body):
        Setup(self.sim).change_user(self.sim.world.find_user(request.match_info["user"]), body)

    async def change_channel(self, request, body):
        Setup(self.sim).change_channel(self.sim.world.find_channel(request.match_info["channel"]), body)

    # --- Acting and waiting -----------------------------------------------------------------------------------------

    async def act(self, request, body):
        verb, user = body.get("do"), self.sim.world.find_user(body.get("user"))
        if verb not in VERBS:
            raise ControlError(f"nobody can {verb!r}; people can: {', '.join(sorted(VERBS))}")
        if user.deleted:
            raise ControlError(f"{user.name} was deactivated")
        result = getattr(self.sim.people, verb)(user, body)
        if not isinstance(result, Delivery):
            return result
        if not body.get("wait", True):
            return {"payload": result.payload}
        outcome = await asyncio.shield(result.outcome)
        answer = {"acknowledged": outcome.acknowledged, "response": outcome.response, "payload": result.payload}
        return answer if outcome.acknowledged else {**answer, "reason": outcome.reason}

    async def wait(self, request, body):
        """Entries of the journal once there are `count`; 408 with those there are where that does not happen."""
        count, seconds = int(body.get("count", 1)), float(body.get("seconds", 10))
        found = await self.sim.journal.wait(
            body.get("kind"), body.get("where"), int(body.get("after", 0)), count, seconds
        )
        answer = {"entries": found, "last": len(self.sim.journal.entries)}
        return answer if len(found) >= count else web.json_response(answer, status=408)

    async def journal(self, request, body):
        after = int(request.query.get("after", 0))
        if "wait" in request.query:
            await self.sim.journal.wait(after=after, seconds=float(request.query["wait"]))
        found = self.sim.journal.find(request.query.get("kind"), after=after)
        return {"entries": found, "last": len(self.sim.journal.entries)}

    # --- Looking ----------------------------------------------------------------------------------------------------

    def _channel(self, request):
        user = request.query.get("user")
        return self.sim.world.find_channel(
            request.query.get("channel"), self.sim.world.find_user(user) if user else None
        )

    async def messages(self, request, body):
        """Of a channel, or of a thread with its root; with `user` also what only that person sees."""
        channel, thread = self._channel(request), request.query.get("thread")
        found = [m for m in channel.messages.values() if not thread or thread in (m.ts, m.thread_ts)]
        user = request.query.get("user")
        if user:
            person = self.sim.world.find_user(user)
            found += [
                m for m in self.sim.ephemerals.values()
                if m.channel == channel.id and m.ephemeral_to == person.id and (not thread or m.thread_ts == thread)
            ]  # fmt: skip
        found.sort(key=lambda m: m.ts)
        return {
            "messages": [{**self.sim.messaging.summary(m), "ephemeral_to": m.ephemeral_to or None} for m in found],
            "channel": channel.id,
        }

    async def channel(self, request, body):
        channel = self._channel(request)
        return {
            "id": channel.id, "members": channel.members, "statuses": channel.statuses, "titles": channel.titles,
            "prompts": channel.prompts,
        }  # fmt: skip

    async def views(self, request, body):
        """The open modals of a person, the lowest first, and their Home tab of each app."""
        user, sim = self.sim.world.find_user(request.query.get("user")), self.sim
        open_ones = [v for app in sim.world.apps.values() for v in sim.views.stack(app, user.id)]
        homes = {app.id: sim.render.view(app.homes[user.id]) for app in sim.world.apps.values() if user.id in app.homes}
        return {"modals": [sim.render.view(v) for v in open_ones], "homes": homes}

    async def file(self, request, body):
        file = self.sim.world.files.get(request.query.get("id"))
        if file is None:
            raise ControlError(f"there is no file {request.query.get('id')!r}")
        return web.Response(body=file.content, content_type="application/octet-stream")

    # --- Trouble ----------------------------------------------------------------------------------------------------

    async def add_fault(self, request, body):
        return {"id": self.sim.faults.add(body)}

    async def faults(self, request, body):
        return {"faults": [{k: v for k, v in rule.items() if k != "held"} for rule in self.sim.faults.rules]}

    async def clear_faults(self, request, body):
        self.sim.faults.clear()

    async def limits(self, request, body):
        limits = self.sim.limits
        limits.is_on = bool(body.get("on", limits.is_on))
        limits.posts_at_once = int(body.get("posts_at_once", limits.posts_at_once))
        limits.overrides.update(body.get("methods", {}))

    async def connections(self, request, body):
        return {
            "connections": [
                {"id": c.id, "app": c.app.id, "leaving": c.is_leaving, "stale": c.is_stale, "last_pong": c.last_pong}
                for c in self.sim.socket_mode.connections
            ]
        }

    async def disturb(self, request, body):
        """`do`: disconnect (reason, grace), drop, close, stale, or refuse (count) for handshakes to come."""
        socket_mode, verb = self.sim.socket_mode, body.get("do")
        if verb == "refuse":
            socket_mode.refusals = int(body.get("count", 1))
            return
        chosen = [c for c in socket_mode.connections if body.get("id") in (None, c.id)]
        for connection in chosen:
            if verb == "disconnect":
                socket_mode.disconnect(connection, body.get("reason", "warning"), float(body.get("grace", 10)))
            elif verb == "drop":
                connection.drop()
            elif verb == "close":
                connection.close()
            elif verb == "stale":
                connection.is_stale = True
            else:
                raise ControlError(f"nothing to do called {verb!r}; take disconnect, drop, close, stale or refuse")
        return {"connections": [c.id for c in chosen]}

    async def clock(self, request, body):
        clock = self.sim.clock
        if "frozen" in body:
            clock.freeze() if body["frozen"] else clock.thaw()
        if "rate" in body:
            rate = float(body["rate"])
            if not 0 < rate <= 1000:
                raise ControlError("a rate is more than 0 and at most 1000")
            clock.run_at(rate)
        if "advance" in body:
            await clock.advance(float(body["advance"]))
        return {"now": clock.now(), "frozen": clock.is_frozen, "rate": clock.rate}
