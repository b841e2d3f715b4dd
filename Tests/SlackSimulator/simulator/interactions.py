"""Buttons, modals, shortcuts, slash commands: what the app is sent, and what it may do with it afterwards."""

from .errors import ControlError, SlackError

TRIGGER_SECONDS = 3
RESPONSE_SECONDS, RESPONSE_USES = 30 * 60, 5


class Interactions:
    def __init__(self, simulator):
        self.sim, self.world, self.render = simulator, simulator.world, simulator.render
        self.triggers = {}  # id -> [app, user id, good until, is used]
        self.responses = {}  # path -> ResponseURL as a dict

    # --- Triggers ---------------------------------------------------------------------------------------------------

    def trigger(self, app, user):
        trigger_id = self.world.ids.trigger()
        self.triggers[trigger_id] = [app, user.id, self.world.clock.now() + TRIGGER_SECONDS, False]
        return trigger_id

    def exchange(self, app, trigger_id):
        """The user a trigger came from. It lives three seconds and works once."""
        owner, user, until, is_used = self.triggers.get(trigger_id, (None, None, 0, False))
        if owner is not app:
            raise SlackError("invalid_trigger_id")
        if is_used:
            raise SlackError("exchanged_trigger_id")
        if self.world.clock.now() > until:
            raise SlackError("expired_trigger_id")
        self.triggers[trigger_id][3] = True
        return user

    def response_url(self, app, user, channel, message=None, kind="actions"):
        path = f"/{kind}/{app.team_id}/{self.world.ids.digits(13)}/{self.world.ids.hex(24)}"
        self.responses[path] = {
            "app": app, "user": user.id, "channel": channel.id, "ts": message.ts if message else None, "uses": 0,
            "thread_ts": message.thread_ts if message else "", "until": self.world.clock.now() + RESPONSE_SECONDS,
        }  # fmt: skip
        return self.sim.base_url + path

    # --- Payloads ---------------------------------------------------------------------------------------------------

    def _base(self, kind, app, user):
        team = self.world.teams[app.team_id]
        return {
            "type": kind, "token": app.verification_token, "api_app_id": app.id, "is_enterprise_install": False,
            "enterprise": None, "team": {"id": team.id, "domain": team.domain},
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "trigger_id": self.trigger(app, user),
        }  # fmt: skip

    def _place(self, app, user, channel, message):
        names = {"im": "directmessage", "private": "privategroup", "mpim": "mpdm"}
        return {
            "channel": {"id": channel.id, "name": names.get(channel.kind, channel.name)},
            "message": self.render.message(message, with_metadata=True),
            "response_url": self.response_url(app, user, channel, message),
        }

    def action(self, user, element, block_id, message=None, view=None, chosen=None):
        """A person uses an interactive element of a message or a view."""
        app = self.world.apps[(message or view).app_id]
        payload = self._base("block_actions", app, user)
        stamp = f"{self.world.clock.now():.6f}"
        action = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id, "action_ts": stamp}
        for name in ("text", "value", "style", "placeholder"):
            if name in element:
                action[name] = element[name]
        action.update(chosen or {})
        if message:
            channel = self.world.channels[message.channel]
            payload.update(self._place(app, user, channel, message))
            payload["container"] = {
                "type": "message", "message_ts": message.ts, "channel_id": channel.id,
                "is_ephemeral": bool(message.ephemeral_to),
                **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
            }  # fmt: skip
            payload["state"] = {"values": {}}
        else:
            payload.update(view=self.render.view(view), container={"type": "view", "view_id": view.id})
        payload["actions"] = [action]
        return self._submit(app, "interactive", payload)

    def submission(self, user, view):
        app = self.world.apps[view.app_id]
        payload = self._base("view_submission", app, user)
        payload.update(view=self.render.view(view), response_urls=[])
        return self._submit(app, "interactive", payload)

    def closing(self, user, view):
        app = self.world.apps[view.app_id]
        payload = self._base("view_closed", app, user)
        payload.pop("trigger_id")
        payload.update(view=self.render.view(view), is_cleared=False)
        return self._submit(app, "interactive", payload)

    def shortcut(self, app, user, callback_id, channel=None, message=None):
        kinds = {entry.get("callback_id"): entry.get("type") for entry in app.shortcuts}
        wanted = "message" if message else "global"
        if kinds.get(callback_id) != wanted:
            raise ControlError(f"the manifest of {app.name} has no {wanted} shortcut {callback_id!r}")
        payload = self._base("message_action" if message else "shortcut", app, user)
        payload.update(callback_id=callback_id, action_ts=f"{self.world.clock.now():.6f}")
        if message:
            payload.update(self._place(app, user, channel, message), message_ts=message.ts)
        return self._submit(app, "interactive", payload)

    def command(self, app, user, channel, command, text):
        team = self.world.teams[app.team_id]
        payload = {
            "token": app.verification_token, "team_id": team.id, "team_domain": team.domain, "channel_id": channel.id,
            "channel_name": channel.name or "directmessage", "user_id": user.id, "user_name": user.name,
            "command": command, "text": text, "api_app_id": app.id, "is_enterprise_install": "false",
            "response_url": self.response_url(app, user, channel, kind="commands"),
            "trigger_id": self.trigger(app, user),
        }  # fmt: skip
        return self._submit(app, "slash_commands", payload)

    def _submit(self, app, kind, payload):
        return self.sim.deliveries.submit(app, kind, payload)
