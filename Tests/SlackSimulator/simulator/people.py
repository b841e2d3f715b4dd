"""What people do: every verb of /_sim/act."""

import mimetypes
import re

from .clicking import Clicking
from .errors import ControlError
from .mentions import rich_text
from .model import File, Message


class People(Clicking):
    """A verb returns what came of it, as JSON, or a delivery whose outcome is waited for."""

    def __init__(self, simulator):
        self.sim, self.world = simulator, simulator.world

    def typed(self, text):
        """What Slack makes of what is typed: escapes, people, channels, addresses."""
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        users = {name: u.id for u in self.world.users.values() for name in (u.name, u.real_name) if name}
        text = re.sub(r"(https?://[^\s|]+)", r"<\1>", text)
        text = re.sub(r"(?<![\w<])@(channel|here|everyone)\b", r"<!\1>", text)
        for name in sorted(users, key=len, reverse=True):
            text = re.sub(rf"(?<![\w<@])@{re.escape(name)}\b", f"<@{users[name]}>", text)
        for channel in self.world.channels.values():
            if channel.name:
                text = re.sub(rf"(?<![\w<#])#{re.escape(channel.name)}\b", f"<#{channel.id}|{channel.name}>", text)
        return text

    def _text(self, args):
        return args["raw"] if "raw" in args else self.typed(args.get("text", ""))

    def _channel(self, user, args):
        channel = self.world.find_channel(args.get("channel"), user)
        if user.id not in channel.members:
            raise ControlError(f"{user.name} is not in {channel.name or channel.id}: join first")
        if channel.is_archived:
            raise ControlError(f"{channel.name} is archived")
        return channel

    def _message(self, user, args, own=False):
        channel = self._channel(user, args)
        message = channel.messages.get(args.get("ts")) or self.sim.ephemerals.get(args.get("ts"))
        if message is None or message.channel != channel.id or message.ephemeral_to not in ("", user.id):
            raise ControlError(
                f"there is no message {args.get('ts')!r} in {channel.name or channel.id} for {user.name}"
            )
        if own and message.user != user.id:
            raise ControlError(f"{args.get('ts')} is not {user.name}'s message")
        return channel, message

    # --- Talking ----------------------------------------------------------------------------------------------------

    def post(self, user, args, files=()):
        channel, text, ids = self._channel(user, args), self._text(args), self.world.ids
        thread = args.get("thread") or ""
        if thread and thread not in channel.messages:
            raise ControlError(f"there is no message {thread!r} to reply to")
        message = Message(ids.ts(), channel.id, user.id, text, thread_ts=thread, client_msg_id=ids.uuid())
        if text:
            message.blocks = rich(text, ids)
        if files:
            message.files, message.subtype = list(files), "file_share"
        elif args.get("broadcast"):
            message.subtype, message.is_broadcast = "thread_broadcast", True
        self.sim.messaging.post(channel, message)
        return {"channel": channel.id, "ts": message.ts, "thread_ts": message.thread_ts or message.ts}

    def upload(self, user, args):
        name = args.get("name", "file.txt")
        content = bytes.fromhex(args["hex"]) if "hex" in args else args.get("content", "").encode()
        kind = args.get("mimetype") or mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = File(self.world.ids.make("F"), name, name, kind, content, user.id, int(self.world.clock.now()))
        self.world.files[file.id] = file
        return {**self.post(user, args, [file]), "file": file.id}

    def edit(self, user, args):
        channel, message = self._message(user, args, own=True)
        text = self._text(args)
        self.sim.messaging.edit(channel, message, user.id, text=text, blocks=rich(text, self.world.ids))

    def delete(self, user, args):
        self.sim.messaging.delete(*self._message(user, args, own=True))

    def react(self, user, args):
        channel, message = self._message(user, args)
        if user.id in message.reactions.get(args["name"], []):
            raise ControlError(f"{user.name} has reacted with {args['name']} already")
        self.sim.messaging.react(channel, message, user, args["name"])

    def unreact(self, user, args):
        channel, message = self._message(user, args)
        if user.id not in message.reactions.get(args["name"], []):
            raise ControlError(f"{user.name} has not reacted with {args['name']}")
        self.sim.messaging.unreact(channel, message, user, args["name"])

    def stop_stream(self, user, args):
        channel, message = self._message(user, args)
        if message.stream != "streaming":
            raise ControlError(f"{message.ts} is not streaming")
        message.stream = "stopped_by_user"
        self.sim.journal.note("stream", change="stopped_by_user", channel=channel.id, ts=message.ts, user=user.id)
        self.sim.events.simple(
            "message_stream_stopped",
            self.world.apps[message.app_id],
            user=user.id,
            channel=channel.id,
            message_ts=message.ts,
        )

    # --- Coming and going -------------------------------------------------------------------------------------------

    def join(self, user, args):
        channel = self.world.find_channel(args.get("channel"), user)
        if channel.kind != "public":
            raise ControlError(f"{channel.name} is not public: somebody in it has to invite {user.name}")
        if user.id not in channel.members:
            self.enter(channel, user)

    def invite(self, user, args):
        """`who` is a user or an app."""
        channel, name = self._channel(user, args), args.get("who")
        app = next((a for a in self.world.apps.values() if name in (a.id, a.name)), None)
        guest = self.world.users[app.bot_user] if app else self.world.find_user(name)
        if guest.id not in channel.members:
            self.enter(channel, guest, user)

    def leave(self, user, args):
        self.part(self._channel(user, args), user)

    def remove(self, user, args):
        name = args.get("who")
        app = next((a for a in self.world.apps.values() if name in (a.id, a.name)), None)
        self.part(self._channel(user, args), self.world.users[app.bot_user] if app else self.world.find_user(name))

    def enter(self, channel, user, inviter=None):
        channel.members.append(user.id)
        channel.is_ext_shared = channel.is_ext_shared or self.world.is_external(user)
        note = Message(
            self.world.ids.ts(), channel.id, user.id, f"<@{user.id}> has joined the channel", subtype="channel_join"
        )
        self.sim.messaging.post(channel, note)
        self.sim.events.membership("member_joined_channel", channel, user, inviter)

    def part(self, channel, user):
        name = "channel_left" if channel.kind == "public" else "group_left"
        app = self.world.app_of_bot(user.id)
        if app:
            self.sim.events.simple(name, app, channel, channel=channel.id)
        self.sim.events.membership("member_left_channel", channel, user)
        channel.members.remove(user.id)

    # --- Home and assistant -----------------------------------------------------------------------------------------

    def open_home(self, user, args):
        app = self.world.find_app(args.get("app"))
        channel, _ = self.world.direct(user.id, app.bot_user)
        home = app.homes.get(user.id)
        shown = {"view": self.sim.render.view(home)} if home else {}
        tab = args.get("tab", "home")
        self.sim.events.simple("app_home_opened", app, user=user.id, channel=channel.id, tab=tab, **shown)
        return {"channel": channel.id}

    def open_assistant(self, user, args):
        app = self.world.find_app(args.get("app"))
        channel, _ = self.world.direct(user.id, app.bot_user)
        root = Message(
            self.world.ids.ts(), channel.id, app.bot_user, "New Assistant Thread", app.bot_id, app.id,
            subtype="assistant_app_thread",
        )  # fmt: skip
        self.sim.messaging.post(channel, root, is_silent=True)
        context = (
            {"channel_id": args["context"], "team_id": user.team_id, "enterprise_id": None}
            if args.get("context")
            else {}
        )
        thread = {"user_id": user.id, "context": context, "channel_id": channel.id, "thread_ts": root.ts}
        self.sim.events.simple("assistant_thread_started", app, assistant_thread=thread)
        return {"channel": channel.id, "thread_ts": root.ts}


def rich(text, ids):
    return rich_text(text, ids.hex(5))
