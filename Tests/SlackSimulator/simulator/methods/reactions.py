"""reactions.*"""

import re

from ..calls import method
from ..errors import SlackError


def target(call):
    if not call.text("channel") or not call.text("timestamp"):
        raise SlackError("no_item_specified")
    channel = call.channel()
    if call.moment("timestamp", "bad_timestamp") is None:
        raise SlackError("bad_timestamp")
    return channel, call.message(channel, "timestamp")


def emoji(call):
    name = call.text("name", required=True).strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]{1,100}(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    return name


@method("reactions.add", 3, "reactions:write")
def add(call):
    channel, message = target(call)
    name = emoji(call)
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    if call.user.id in message.reactions.get(name, []):
        raise SlackError("already_reacted")
    if sum(call.user.id in users for users in message.reactions.values()) >= 23:
        raise SlackError("too_many_reactions")
    call.sim.messaging.react(channel, message, call.user, name)


@method("reactions.remove", 2, "reactions:write")
def remove(call):
    channel, message = target(call)
    name = emoji(call)
    if call.user.id not in message.reactions.get(name, []):
        raise SlackError("no_reaction")
    call.sim.messaging.unreact(channel, message, call.user, name)


@method("reactions.get", 3, "reactions:read", json=False)
def get(call):
    channel, message = target(call)
    return {"type": "message", "channel": channel.id, "message": call.sim.render.message(message)}
