"""Which app hears of what, and the wrapping it comes in."""

from .mentions import mentioned_users
from .scopes import EVENT_SCOPES


class Events:
    """Sends what happens to every app that is there, has subscribed and was granted the scope."""

    def __init__(self, world, render, deliver, journal):
        self.world, self.render, self.journal = world, render, journal
        self._deliver = deliver  # (app, kind, payload) -> None

    def publish(self, name, event, channel=None, app=None, shared=False):
        for one in [app] if app else list(self.world.apps.values()):
            if channel is None or one.bot_user in channel.members:
                self.send(one, name, event, shared)

    def send(self, app, name, event, shared=False):
        needed = EVENT_SCOPES[name]
        if name not in app.events or app.token_state or (needed and not set(needed) & set(app.bot_scopes)):
            return
        payload = {
            "token": app.verification_token, "team_id": app.team_id, "context_team_id": app.team_id,
            "context_enterprise_id": None, "api_app_id": app.id, "event": event, "type": "event_callback",
            "event_id": self.world.ids.make("Ev", 10), "event_time": int(self.world.clock.now()),
            "authorizations": [
                {
                    "enterprise_id": None, "team_id": app.team_id, "user_id": app.bot_user, "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": shared, "event_context": "4-" + self.world.ids.hex(80),
        }  # fmt: skip
        self._deliver(app, "events_api", payload)

    def message_posted(self, channel, message):
        """An app that is mentioned hears it twice: as app_mention and as message, under different event ids."""
        base = self._shown(channel, message)
        mentioned = [] if channel.kind == "im" else mentioned_users(message.text)
        for app in list(self.world.apps.values()):
            if app.bot_user not in channel.members:
                continue
            if (
                app.bot_user in mentioned
                and message.app_id != app.id
                and message.subtype in ("", "file_share", "bot_message")
            ):
                mention = {k: v for k, v in base.items() if k not in ("channel_type", "subtype")}
                self.send(app, "app_mention", {**mention, "type": "app_mention"}, channel.is_ext_shared)
            self.send(app, f"message.{channel.family}", base, channel.is_ext_shared)

    def message_changed(self, channel, message, previous):
        event = {
            "type": "message", "subtype": "message_changed", "message": self._inner(channel, message),
            "previous_message": previous, "channel": channel.id, "hidden": True, "ts": self.world.ids.ts(),
            "channel_type": _type(channel),
        }  # fmt: skip
        event["event_ts"] = event["ts"]
        self.publish(f"message.{channel.family}", event, channel, shared=channel.is_ext_shared)

    def message_deleted(self, channel, message, previous):
        event = {
            "type": "message", "subtype": "message_deleted", "previous_message": previous, "channel": channel.id,
            "hidden": True, "deleted_ts": message.ts, "ts": self.world.ids.ts(), "channel_type": _type(channel),
        }  # fmt: skip
        event["event_ts"] = event["ts"]
        self.publish(f"message.{channel.family}", event, channel, shared=channel.is_ext_shared)

    def reaction(self, name, channel, message, user, emoji):
        event = {
            "type": name, "user": user.id, "reaction": emoji, "item_user": message.user,
            "item": {"type": "message", "channel": channel.id, "ts": message.ts}, "event_ts": self.world.ids.ts(),
        }  # fmt: skip
        self.publish(name, event, channel, shared=channel.is_ext_shared)

    def membership(self, name, channel, user, inviter=None, apps=None):
        event = {
            "type": name, "user": user.id, "channel": channel.id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": user.team_id, "event_ts": self.world.ids.ts(),
        }  # fmt: skip
        if inviter:
            event["inviter"] = inviter.id
        self.publish(name, event, channel, shared=channel.is_ext_shared)

    def simple(self, name, app=None, within=None, **fields):
        """An event of `fields` alone; `within` is the channel an app has to be in to hear of it."""
        self.publish(name, {"type": name, **fields, "event_ts": self.world.ids.ts()}, within, app)

    def _inner(self, channel, message):
        shown = self.render.message(message)
        user = self.world.users[message.user]
        if self.world.is_external(user):
            shown.update(user_team=user.team_id, source_team=user.team_id)
            if "files" in shown:
                shown["files"] = [self.render.file(f, opaque=True) for f in message.files]
        if message.is_broadcast:
            shown["root"] = self.render.message(channel.messages[message.thread_ts])
        return shown

    def _shown(self, channel, message):
        return {
            **self._inner(channel, message), "channel": channel.id, "event_ts": message.ts,
            "channel_type": _type(channel),
        }  # fmt: skip


def _type(channel):
    return {"public": "channel", "private": "group"}.get(channel.kind, channel.kind)
