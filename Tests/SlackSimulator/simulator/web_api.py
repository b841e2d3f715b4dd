"""The way in for /api/METHOD: arguments, token, scopes, limits and faults, before the method itself."""

import asyncio
import json
import traceback
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from .calls import Call, missing_scope
from .errors import SlackError
from .methods import METHODS

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class Caller:
    app: object
    kind: str  # bot, user, app, configuration
    scopes: list
    user_id: str = ""


class WebAPI:
    def __init__(self, simulator):
        self.sim = simulator

    async def handle(self, request):
        name = request.match_info["method"]
        noted = {"method": name, "app": None, "arguments": {}}
        rule, headers = None, {}
        try:
            arguments, token, warnings = await self._arguments(request, METHODS.get(name))
            noted["arguments"] = arguments
            rule = self.sim.faults.of_call(name, arguments)
            if rule and rule["kind"] == "latency":
                await self.sim.clock.sleep(rule.get("seconds", 1))
            broken = await self._broken(rule, request)
            if broken is not None:
                return broken
            if name not in METHODS:
                raise SlackError("unknown_method", req_method=name)
            caller = self.caller(token, METHODS[name])
            noted["app"] = caller.app.id if caller.app else None
            scopes = {"x-oauth-scopes": caller.scopes, "x-accepted-oauth-scopes": METHODS[name].scopes}
            headers = {header: ",".join(values) for header, values in scopes.items()}
            body, status = self._called(METHODS[name], caller, arguments, warnings, rule), 200
        except SlackError as error:
            body, status, headers = error.body(), error.status, {**headers, **error.headers}
        except Exception:
            # A fault of the simulator's own: a test has to see it, not an app's retry.
            traceback.print_exc()
            body, status, headers = {"ok": False, "error": "fatal_error"}, 500, {}
        self.sim.journal.note("call", **noted, ok=body["ok"], error=body.get("error"), status=status, answer=body)
        if rule and rule["kind"] == "lost_response":
            return self._cut(request)
        return web.json_response(body, status=status, headers={"x-slack-req-id": self.sim.world.ids.hex(32), **headers})

    def _called(self, method, caller, arguments, warnings, rule):
        if rule and rule["kind"] == "error":
            extra = {key: rule[key] for key in ("needed", "provided") if key in rule}
            raise SlackError(rule.get("error", "internal_error"), **extra)
        if method.scopes and not set(method.scopes) & set(caller.scopes):
            raise missing_scope(method.scopes, caller.scopes)
        restricted = caller.app and caller.app.history_is_restricted
        tier = 1 if restricted and method.name in ("conversations.history", "conversations.replies") else method.tier
        pause = self.sim.limits.wait(caller.app, method.name, tier, arguments.get("channel")) if caller.app else 0
        if pause:
            raise SlackError("ratelimited", 429, {"Retry-After": str(pause)})
        call = Call(self.sim, method, caller, arguments)
        call.warnings = warnings
        body = {"ok": True, **(method.handler(call) or {})}
        if call.warnings:
            body["warning"] = ",".join(call.warnings)
            body.setdefault("response_metadata", {})["warnings"] = call.warnings
        return body

    async def _arguments(self, request, method):
        """Arguments, token and warnings. A JSON body counts only where the method takes one; a token in it never."""
        kind, warnings, arguments = request.content_type, [], dict(request.query)
        authorization = request.headers.get("Authorization", "")
        token = authorization[7:].strip() if authorization.startswith("Bearer ") else None
        if request.method == "POST" and request.can_read_body:
            body = await request.read()
            if "Content-Type" not in request.headers:
                raise SlackError("missing_post_type")
            if kind == "application/json":
                if "charset" not in request.headers["Content-Type"]:
                    warnings.append("missing_charset")
                if method is None or method.takes_json:
                    arguments.update(self._object(body))
                    arguments.pop("token", None)
            elif kind == FORMS[0]:
                arguments.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            elif kind == FORMS[1]:
                arguments.update({k: v for k, v in (await request.post()).items() if isinstance(v, str)})
            else:
                raise SlackError("invalid_post_type")
        given = arguments.pop("token", None)
        return arguments, token or given, warnings

    def _object(self, body):
        try:
            value = json.loads(body or b"{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(value, dict):
            raise SlackError("json_not_object")
        return value

    def caller(self, token, method=None):
        """Whose token it is, and whether the method takes its kind."""
        if not token:
            raise SlackError("not_authed")
        caller = self._owner(token)
        if caller is None:
            raise SlackError("invalid_auth")
        if caller.app and caller.app.token_state:
            raise SlackError(caller.app.token_state)
        wanted = ("bot", "user") if method is None or method.token == "bot" else (method.token,)
        if method is not None and method.token != "any" and caller.kind not in wanted:
            raise SlackError("not_allowed_token_type")
        return caller

    def _owner(self, token):
        world = self.sim.world
        if token == world.configuration_token:
            return Caller(None, "configuration", ["app_configurations:read", "app_configurations:write"])
        for app in world.apps.values():
            if token == app.bot_token:
                return Caller(app, "bot", app.bot_scopes, app.bot_user)
            if token in app.app_tokens:
                return Caller(app, "app", app.app_tokens[token])
            if token in app.user_tokens:
                user_id, scopes = app.user_tokens[token]
                return Caller(app, "user", scopes, user_id)
        return None

    async def _broken(self, rule, request):
        """The answer of a fault that keeps the method from being called."""
        kind = rule["kind"] if rule else ""
        if kind == "ratelimited":
            raise SlackError("ratelimited", 429, {"Retry-After": str(rule.get("retry_after", 1))})
        if kind == "status":
            headers = {"Location": rule["location"]} if "location" in rule else None
            text = rule.get("body", "upstream connect error")
            return web.Response(status=rule.get("status", 503), text=text, headers=headers)
        if kind == "malformed":
            return web.Response(text=rule.get("body", "<html>Slack is down</html>"), content_type="text/html")
        if kind == "reset":
            return self._cut(request)
        if kind == "timeout":
            await asyncio.Event().wait()  # until the client has enough: aiohttp cancels this then
        return None

    def _cut(self, request):
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
