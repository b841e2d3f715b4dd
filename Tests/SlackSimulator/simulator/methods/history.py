"""conversations.history and conversations.replies."""

from ..calls import method
from ..errors import SlackError, invalid_arguments
from ..identifiers import ts_number
from .paging import decode, encode

READ = ("channels:history", "groups:history", "im:history", "mpim:history")


def readable(call):
    channel = call.channel()
    call.require(f"{channel.family}:history")
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def between(call):
    """A test of whether a message lies in the asked time. The ends count only with `inclusive`."""
    oldest, latest = call.moment("oldest", "invalid_ts_oldest"), call.moment("latest", "invalid_ts_latest")
    inclusive = call.flag("inclusive")

    def lies(message):
        at = ts_number(message.ts)
        if oldest is not None and (at < oldest or (at == oldest and not inclusive)):
            return False
        return latest is None or at < latest or (at == latest and inclusive)

    return lies


def most(call, default, limit):
    """Apps that are distributed outside the Marketplace get fifteen."""
    asked = call.whole("limit", default, 1, 1_000_000)
    return min(asked, 15 if call.app.history_is_restricted else limit)


def shown(call, messages):
    return [call.sim.render.message(m, call.flag("include_all_metadata")) for m in messages]


@method("conversations.history", 3, *READ)
def history(call):
    channel = readable(call)
    lies, count = between(call), most(call, 100, 999)
    found = [m for m in channel.messages.values() if (not m.is_reply or m.is_broadcast) and lies(m)]
    found.sort(key=lambda m: ts_number(m.ts), reverse=True)
    if call.text("cursor"):
        last = _position(call)
        found = [m for m in found if ts_number(m.ts) <= last]
    part, rest = found[:count], found[count:]
    answer = {"messages": shown(call, part), "has_more": bool(rest), "pin_count": 0, "channel_actions_ts": None}
    if rest:
        answer["response_metadata"] = {"next_cursor": encode(f"next_ts:{ts_number(rest[0].ts)}")}
    return answer


@method("conversations.replies", 3, *READ, json=False)
def replies(call):
    channel = readable(call)
    ts = call.text("ts")
    if not ts:
        raise invalid_arguments("missing required field: ts")
    named = channel.messages.get(ts)
    if named is None:
        raise SlackError("thread_not_found")
    root = channel.messages.get(named.thread_ts, named) if named.is_reply else named
    lies, count = between(call), most(call, 1000, 1000)
    found = [m for m in channel.replies(root.ts) if lies(m)]
    if call.text("cursor"):
        first = _position(call)
        found = [m for m in found if ts_number(m.ts) >= first]
        leading = []
    else:
        leading = [root]  # always, whatever time was asked for
        count = max(0, count - 1)
    part, rest = found[:count], found[count:]
    answer = {"messages": shown(call, leading + part), "has_more": bool(rest)}
    if rest:
        answer["response_metadata"] = {"next_cursor": encode(f"next_ts:{ts_number(rest[0].ts)}")}
    return answer


def _position(call):
    text = decode(call.text("cursor"), "next_ts:")
    if not text.isdigit():
        raise SlackError("invalid_cursor")
    return int(text)
