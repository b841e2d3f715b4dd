"""The one place where messages come, change and go, whoever does it: apps and people alike."""

from .mentions import pings
from .model import User


class Messaging:
    def __init__(self, world, render, events, journal):
        self.world, self.render, self.events, self.journal = world, render, events, journal

    def post(self, channel, message, is_silent=False):
        """Stores `message`; a reply's thread is that of the parent, whichever message of it was named."""
        parent = channel.messages.get(message.thread_ts) if message.thread_ts else None
        if parent is not None and parent.is_reply:
            message.thread_ts = parent.thread_ts
        channel.messages[message.ts] = message
        for file in message.files:
            file.shares.append((channel.id, message.ts))
        if message.app_id:
            self._clear_status(channel, message.thread_ts or message.ts)
        self.journal.note("message", **self.summary(message))
        if not is_silent:
            self.events.message_posted(channel, message)
            for file in message.files:
                self.events.simple(
                    "file_shared", within=channel, channel_id=channel.id, file_id=file.id, user_id=message.user,
                    file={"id": file.id},
                )  # fmt: skip
        return message

    def edit(self, channel, message, by, is_stream=False, **changes):
        previous = self.render.message(message, in_thread_list=False)
        for name, value in changes.items():
            setattr(message, name, value)
        if not is_stream:
            message.edited = {"user": by, "ts": self.world.ids.ts()}
        self.journal.note("edited", **self.summary(message))
        self.events.message_changed(channel, message, previous)

    def delete(self, channel, message):
        """A parent with replies stays as a tombstone: the thread hangs on it."""
        previous = self.render.message(message, in_thread_list=False)
        if channel.replies(message.ts):
            message.subtype, message.text, message.user = "tombstone", "This message was deleted.", "USLACKBOT"
            message.blocks, message.files, message.attachments, message.app_id = [], [], [], ""
            self.world.users.setdefault("USLACKBOT", User("USLACKBOT", "slackbot", "Slackbot", self.world.team.id))
        else:
            del channel.messages[message.ts]
        self.journal.note("deleted", channel=channel.id, ts=message.ts, thread_ts=message.thread_ts or None)
        self.events.message_deleted(channel, message, previous)

    def react(self, channel, message, user, emoji):
        message.reactions.setdefault(emoji, []).append(user.id)
        self._note_reaction("added", channel, message, user, emoji)
        self.events.reaction("reaction_added", channel, message, user, emoji)

    def unreact(self, channel, message, user, emoji):
        message.reactions[emoji].remove(user.id)
        if not message.reactions[emoji]:
            del message.reactions[emoji]
        self._note_reaction("removed", channel, message, user, emoji)
        self.events.reaction("reaction_removed", channel, message, user, emoji)

    def ephemeral(self, channel, message):
        self.journal.note("ephemeral", **self.summary(message), to=message.ephemeral_to)

    def set_status(self, channel, thread_ts, status):
        """Lapses after two minutes, or with the app's next message in the thread."""
        if not status["status"]:
            return self._clear_status(channel, thread_ts)
        channel.statuses[thread_ts] = status
        self.journal.note("status", channel=channel.id, thread_ts=thread_ts, **status)

        def lapse():
            if channel.statuses.get(thread_ts) is status:
                self._clear_status(channel, thread_ts, lapsed=True)

        self.world.clock.call_later(120, lapse)

    def _clear_status(self, channel, thread_ts, lapsed=False):
        if channel.statuses.pop(thread_ts, None) is not None:
            self.journal.note("status", channel=channel.id, thread_ts=thread_ts, status="", lapsed=lapsed)

    def _note_reaction(self, change, channel, message, user, emoji):
        self.journal.note(
            "reaction", change=change, channel=channel.id, ts=message.ts, name=emoji, user=user.id, by=self._by(user.id)
        )

    def _by(self, user_id):
        return "slack" if user_id == "USLACKBOT" else "app" if self.world.users[user_id].is_bot else "person"

    def summary(self, message):
        """For the journal and /_sim/messages: what a test asks about, whatever it was posted as."""
        return {
            "channel": message.channel, "ts": message.ts, "thread_ts": message.thread_ts or None,
            "user": message.user, "by": self._by(message.user), "app_id": message.app_id or None, "text": message.text,
            "blocks": message.blocks, "attachments": message.attachments, "metadata": message.metadata,
            "subtype": message.subtype or None, "username": message.username or None, "icons": message.icons,
            "edited": bool(message.edited), "stream": message.stream or None, "pings": pings(message),
            "orphan": message.is_reply and message.thread_ts not in self.world.channels[message.channel].messages,
            "files": [{"id": f.id, "name": f.name, "size": len(f.content)} for f in message.files],
            "reactions": message.reactions, "unfurl_links": message.unfurl_links, "unfurl_media": message.unfurl_media,
        }  # fmt: skip
