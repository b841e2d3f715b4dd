"""conversations.*: which there are, who is in them, coming and going."""

from ..calls import method
from ..errors import SlackError
from .paging import page

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
FAMILY = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


def listed(call, member=None):
    """Channels of the asked types that the caller may see; each type needs its scope."""
    types = [name.strip() for name in call.text("types", default="public_channel").split(",")]
    if set(types) - set(KINDS):
        raise SlackError("invalid_types")
    kinds = [KINDS[name] for name in types]
    for kind in kinds:
        call.require(f"{FAMILY[kind]}:read")
    found = [
        c
        for c in call.world.channels.values()
        if c.kind in kinds
        and (c.kind == "public" or call.user.id in c.members)
        and (member is None or member in c.members)
        and not (c.is_archived and call.flag("exclude_archived"))
    ]
    return page(call, found, lambda c: c.id, "team:", 100, 1000)


@method("conversations.list", 2, *READ, json=False)
def list_channels(call):
    part, cursor = listed(call)
    shown = [call.sim.render.channel(c, call.user.id, with_count=True) for c in part]
    return {"channels": shown, "response_metadata": {"next_cursor": cursor}}


@method("users.conversations", 3, *READ, json=False)
def of_user(call):
    member = call.person().id if call.text("user") else call.user.id
    part, cursor = listed(call, member)
    shown = [call.sim.render.channel(c, call.user.id) for c in part]
    return {"channels": shown, "response_metadata": {"next_cursor": cursor}}


def readable(call):
    channel = call.channel()
    call.require(f"{channel.family}:read")
    return channel


@method("conversations.info", 3, *READ, json=False)
def info(call):
    channel = readable(call)
    return {"channel": call.sim.render.channel(channel, call.user.id, call.flag("include_num_members"))}


@method("conversations.members", 4, *READ, json=False)
def members(call):
    part, cursor = page(call, readable(call).members, lambda u: u, "user:", 100, 1000)
    return {"members": part, "response_metadata": {"next_cursor": cursor}}


@method("conversations.open", 3, "im:write", "mpim:write", "channels:manage", "groups:write")
def open_direct(call):
    if call.text("channel"):
        channel = call.channel()
        if channel.kind not in ("im", "mpim"):
            raise SlackError("method_not_supported_for_channel_type")
        return _opened(call, channel, False)
    given = call.arguments.get("users")
    names = given if isinstance(given, list) else [n.strip() for n in call.text("users").split(",") if n.strip()]
    if not names:
        raise SlackError("users_list_not_supplied")
    if len(names) > 8:
        raise SlackError("too_many_users")
    call.require("im:write" if len(names) == 1 else "mpim:write")
    for name in names:
        user = call.world.users.get(name)
        if user is None:
            raise SlackError("user_not_found")
        if user.deleted:
            raise SlackError("user_disabled")
    channel, is_new = call.world.direct(call.user.id, *names)
    return _opened(call, channel, is_new)


def _opened(call, channel, is_new):
    known = {} if is_new else {"no_op": True, "already_open": True}
    shown = call.sim.render.channel(channel, call.user.id) if call.flag("return_im") else {"id": channel.id}
    return {**known, "channel": shown}


@method("conversations.join", 3, "channels:join")
def join(call):
    channel = call.channel()
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.user.id in channel.members:
        call.warnings.append("already_in_channel")
    else:
        call.sim.people.enter(channel, call.user)
    return {"channel": call.sim.render.channel(channel, call.user.id)}


@method("conversations.leave", 3, "channels:manage", "groups:write", "im:write", "mpim:write")
def leave(call):
    channel = call.channel()
    if channel.kind in ("im", "mpim"):
        raise SlackError("method_not_supported_for_channel_type")
    if channel.name == "general":
        raise SlackError("cant_leave_general")
    if call.user.id not in channel.members:
        return {"not_in_channel": True}
    call.sim.people.part(channel, call.user)


@method("conversations.mark", 3, "channels:manage", "groups:write", "im:write", "mpim:write")
def mark(call):
    call.joined()
