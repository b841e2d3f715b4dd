"""Building a world from one description, and showing it."""

from .errors import ControlError
from .model import User
from .scopes import EVENT_SCOPES, USUAL_SCOPES
from .world import set_fields

TOKEN_STATES = ("", "invalid_auth", "account_inactive", "token_revoked", "token_expired")


class Setup:
    def __init__(self, simulator):
        self.sim, self.world = simulator, simulator.world

    async def build(self, body):
        """Adds teams, users, apps and channels, in this order. Nothing that is there is changed.

        As if it had always been so: apps are told of new people and channels only with `announce`.
        """
        unknown = set(body) - {"team", "teams", "users", "apps", "channels", "announce"}
        if unknown:
            raise ControlError(f"a world has no {', '.join(sorted(unknown))}")
        if "team" in body:
            set_fields(self.world.team, body["team"], "domain", "name")
        for team in body.get("teams", []):
            self.world.add_team(team["name"], team.get("domain", team["name"].lower()))
        for entry in body.get("users", []):
            user = self._user(entry if isinstance(entry, dict) else {"name": entry})
            if body.get("announce"):
                self.sim.events.simple("team_join", user=self.sim.render.user(user))
        for entry in body.get("apps", []):
            await self._app(dict(entry))
        for entry in body.get("channels", []):
            channel = self._channel(dict(entry))
            if body.get("announce") and channel.kind == "public":
                shown = {"id": channel.id, "name": channel.name, "created": channel.created, "creator": channel.creator}
                self.sim.events.simple("channel_created", channel=shown)
        return self.shown()

    def _user(self, entry) -> User:
        fields = dict(entry)
        return self.world.add_user(fields.pop("name"), **{k: fields[k] for k in fields})

    def _channel(self, entry):
        apps = entry.pop("apps", [])
        entry["members"] = [*entry.get("members", []), *(self.world.find_app(a).bot_user for a in apps)]
        return self.world.add_channel(entry.pop("name"), **entry)

    async def _app(self, entry):
        manifest = entry.pop("manifest", None)
        if manifest is None:
            manifest = short_manifest(entry)
        app = self.world.add_app(manifest, **entry)
        if not app.socket_mode and app.request_url:
            await self.sim.events_api.verify(app)
        return app

    def change_user(self, user, body):
        """Somebody leaves the company, becomes a guest, is renamed: apps hear of it as user_change."""
        set_fields(user, body, "deleted", "email", "is_admin", "is_guest", "is_single_channel_guest", "real_name")
        self.sim.events.simple("user_change", user=self.sim.render.user(user))

    def change_channel(self, channel, body):
        was_archived, old_name = channel.is_archived, channel.name
        set_fields(channel, body, "is_archived", "name", "purpose", "topic")
        if channel.is_archived != was_archived:
            self.sim.events.simple(
                "channel_archive" if channel.is_archived else "channel_unarchive",
                None,
                channel,
                channel=channel.id,
                user=channel.creator,
            )
        if channel.name != old_name:
            shown = {"id": channel.id, "name": channel.name, "created": channel.created}
            self.sim.events.simple("channel_rename", None, channel, channel=shown)

    async def change_app(self, app, body):
        """Scopes granted or taken, a token revoked, Socket Mode switched off, a user token issued."""
        issued = {}
        if "grant" in body:
            app.bot_scopes = list(dict.fromkeys([*app.bot_scopes, *body["grant"]]))
        if "revoke" in body:
            app.bot_scopes = [scope for scope in app.bot_scopes if scope not in body["revoke"]]
        if "token" in body:
            if body["token"] not in TOKEN_STATES:
                raise ControlError(f"a token is one of {', '.join(TOKEN_STATES)}, not {body['token']!r}")
            app.token_state = body["token"]
        if "app_token_scopes" in body:
            app.app_tokens = {token: list(body["app_token_scopes"]) for token in app.app_tokens}
        if "user_token" in body:
            token = self.world.ids.user_token()
            user = self.world.find_user(body["user_token"]["user"])
            app.user_tokens[token] = (user.id, body["user_token"].get("scopes", []))
            issued["user_token"] = token
        names = (
            "has_home",
            "history_is_restricted",
            "is_assistant",
            "request_url",
            "interactivity_url",
            "streams",
            "events",
        )
        set_fields(app, {name: body[name] for name in names if name in body}, *names)
        if "socket_mode" in body:
            app.socket_mode = bool(body["socket_mode"])
            if not app.socket_mode:
                for connection in self.sim.socket_mode.of(app):
                    self.sim.socket_mode.disconnect(connection, "link_disabled")
        if "request_url" in body and not app.socket_mode:
            issued["verified"] = await self.sim.events_api.verify(app)
        return {**self._app_shown(app), **issued}

    def shown(self):
        """Everything a test needs to know of the world, tokens too. Lists are by name."""
        world = self.world
        return {
            "base_url": f"{self.sim.base_url}/api/",
            "team": vars(world.team),
            "teams": {team.name: vars(team) for team in world.teams.values()},
            "configuration_token": world.configuration_token,
            "users": {u.name: {"id": u.id, "real_name": u.real_name, "is_bot": u.is_bot} for u in world.users.values()},
            "channels": {
                c.name or c.id: {
                    "id": c.id,
                    "name": c.name,
                    "kind": c.kind,
                    "members": c.members,
                    "archived": c.is_archived,
                }
                for c in world.channels.values()
            },
            "apps": {app.name: self._app_shown(app) for app in world.apps.values()},
        }

    def _app_shown(self, app):
        return {
            "id": app.id, "bot_user": app.bot_user, "bot_id": app.bot_id, "bot_token": app.bot_token,
            "app_token": next(iter(app.app_tokens), None), "signing_secret": app.signing_secret,
            "scopes": app.bot_scopes,
            "events": app.events, "commands": app.commands, "socket_mode": app.socket_mode,
        }  # fmt: skip


def short_manifest(entry):
    """An app told in a few words: name, scopes, events, commands, shortcuts."""
    entry.setdefault("bot_name", entry.get("name", "assistant"))
    return {
        "display_information": {"name": entry.pop("name", "Assistant")},
        "features": {
            "bot_user": {"display_name": entry.pop("bot_name")},
            "app_home": {"home_tab_enabled": entry.pop("has_home", True), "messages_tab_enabled": True},
            "assistant_view": {"assistant_description": "for tests"},
            "slash_commands": [{"command": name} for name in entry.pop("commands", [])],
            "shortcuts": entry.pop("shortcuts", []),
        },
        "oauth_config": {"scopes": {"bot": entry.pop("scopes", USUAL_SCOPES)}},
        "settings": {
            "event_subscriptions": {
                "bot_events": entry.pop("events", sorted(EVENT_SCOPES)),
                "request_url": entry.get("request_url", ""),
            },
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": entry.pop("socket_mode", True),
        },
    }
