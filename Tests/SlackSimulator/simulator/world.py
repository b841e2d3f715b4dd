"""Everything that is there, found by id or by name, and made with ids of its own."""

from .errors import ControlError
from .identifiers import Identifiers
from .manifest import settings_of
from .model import App, Channel, Team, User


class World:
    def __init__(self, clock, seed=1):
        self.clock = clock
        self.ids = Identifiers(clock, seed)
        self.teams, self.users, self.channels, self.apps = {}, {}, {}, {}
        self.files, self.views, self.scheduled = {}, {}, {}
        self.configuration_token = self.ids.configuration_token()
        self.team = self.add_team("Acme", "acme")

    def add_team(self, name, domain):
        team = Team(self.ids.make("T"), name, domain)
        self.teams[team.id] = team
        return team

    def add_user(self, name, real_name=None, email=None, team=None, **flags):
        if any(user.name == name for user in self.users.values()):
            raise ControlError(f"there is a user {name!r} already")
        home = self.find_team(team) if team else self.team
        email = f"{name}@{home.domain}.example" if email is None else email
        user = User(self.ids.make("U"), name, real_name or name.capitalize(), home.id, email)
        set_fields(user, flags, "deleted", "is_admin", "is_guest", "is_owner", "is_single_channel_guest", "tz")
        self.users[user.id] = user
        return user

    def add_channel(self, name, kind="public", members=(), creator=None, **fields):
        if kind not in ("public", "private", "im", "mpim"):
            raise ControlError(f"a channel is public, private, im or mpim, not {kind!r}")
        if kind in ("public", "private") and any(c.name == name for c in self.channels.values()):
            raise ControlError(f"there is a channel {name!r} already")
        people = [self.find_user(member).id for member in members]
        owner = self.find_user(creator).id if creator else people[0] if people else ""
        channel = Channel(
            self.ids.make("D" if kind == "im" else "C"), name, kind, self.team.id, owner, int(self.clock.now()), people
        )
        set_fields(channel, fields, "is_archived", "purpose", "topic")
        channel.is_ext_shared = any(self.is_external(self.users[p]) for p in people)
        self.channels[channel.id] = channel
        return channel

    def add_app(self, manifest, **fields):
        """Installs an app as its manifest describes it: it gets what stands there, and no more."""
        settings = settings_of(manifest)
        app_id, bot_id = self.ids.make("A"), self.ids.make("B")
        name = settings.pop("bot_name")
        bot = User(
            self.ids.make("U"),
            name.lower().replace(" ", "_"),
            name,
            self.team.id,
            is_bot=True,
            bot_id=bot_id,
            app_id=app_id,
        )
        app = App(
            app_id,
            name,
            bot.id,
            bot_id,
            self.team.id,
            self.ids.bot_token(),
            self.ids.hex(32),
            self.ids.hex(24),
            **settings,
        )
        app.app_tokens = {self.ids.app_token(app_id): ["connections:write", "authorizations:read"]}
        set_fields(
            app, fields, "has_home", "history_is_restricted", "interactivity_url", "is_assistant", "request_url",
            "socket_mode", "streams",
        )  # fmt: skip
        self.users[bot.id] = bot
        self.apps[app_id] = app
        return app

    def direct(self, *user_ids):
        """The direct conversation of just these, made where there is none."""
        wanted = set(user_ids)
        for channel in self.channels.values():
            if channel.kind in ("im", "mpim") and set(channel.members) == wanted:
                return channel, False
        names = "--".join(self.users[u].name for u in user_ids)
        kind = "im" if len(wanted) <= 2 else "mpim"
        name = "" if kind == "im" else f"mpdm-{names}-1"
        return self.add_channel(name, kind, list(dict.fromkeys(user_ids))), True

    def find_team(self, reference):
        return self._find("team", self.teams, reference, lambda t: (t.name, t.domain))

    def find_user(self, reference):
        return self._find("user", self.users, reference, lambda u: (u.name, f"@{u.name}"))

    def find_app(self, reference=None):
        if reference is None and len(self.apps) == 1:
            return next(iter(self.apps.values()))
        return self._find("app", self.apps, reference, lambda a: (a.name,))

    def find_channel(self, reference, user=None):
        """By id, by name, or `dm`, `dm:USER`, `dm:USER:APP`: a direct conversation with an app."""
        if isinstance(reference, str) and (reference == "dm" or reference.startswith("dm:")):
            _, _, rest = reference.partition(":")
            name, _, app = rest.partition(":")
            person = self.find_user(name) if name else user
            if person is None:
                raise ControlError("whose dm? Say dm:USER")
            return self.direct(person.id, self.find_app(app or None).bot_user)[0]
        return self._find("channel", self.channels, reference, lambda c: (c.name, f"#{c.name}"))

    def _find(self, what, table, reference, names):
        if reference in table:
            return table[reference]
        for value in table.values():
            if reference and reference in names(value):
                return value
        known = sorted(name for value in table.values() for name in names(value)[:1] if name)
        raise ControlError(f"there is no {what} {reference!r}; there are: {', '.join(known) or 'none'}")

    def is_external(self, user):
        return user.team_id != self.team.id

    def app_of_bot(self, user_id):
        return next((app for app in self.apps.values() if app.bot_user == user_id), None)

    def members(self, channel):
        return [self.users[u] for u in channel.members if u in self.users]


def set_fields(target, fields, *allowed):
    for name, value in fields.items():
        if name not in allowed:
            raise ControlError(f"{type(target).__name__.lower()}: no field {name!r}; there are: {', '.join(allowed)}")
        setattr(target, name, value)
