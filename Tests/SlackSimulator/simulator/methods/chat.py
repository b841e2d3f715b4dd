"""chat.*: posting, changing and deleting messages."""

from ..calls import method, missing_scope
from ..errors import SlackError, invalid_arguments
from ..model import Message

CUT, MARKDOWN, EDITED = 40_000, 12_000, 4_000


def place(call):
    """Where a message goes: a channel, or by a person's id the direct conversation with them."""
    reference = call.text("channel", required=True)
    if reference in call.world.users:
        return call.world.direct(call.user.id, reference)[0]
    channel = call.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if call.user.id not in channel.members and "chat:write.public" not in call.scopes:
        raise SlackError("not_in_channel")
    return channel


def content(call, most=None):
    """Text, blocks and attachments, within the limits."""
    text, markdown = call.text("text"), call.text("markdown_text")
    blocks, attachments = call.blocks(), call.structure("attachments", list, "invalid_attachments")
    if markdown:
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        if len(markdown) > MARKDOWN:
            raise SlackError("msg_too_long")
        text, blocks = markdown, [{"type": "markdown", "block_id": call.world.ids.hex(5), "text": markdown}]
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    if attachments and len(attachments) > 100:
        raise SlackError("too_many_attachments")
    if most and len(text) > most:
        raise SlackError("msg_too_long")
    if not text and blocks:
        call.warnings.append("missing_text_in_message")
        text = "This content can't be displayed."
    return {"text": text[:CUT], "blocks": blocks, "attachments": attachments}


def face(call):
    """A name and a picture of its own, for which an app needs a scope of its own."""
    icons = {}
    if call.text("icon_emoji"):
        icons["emoji"] = call.text("icon_emoji")
    elif call.text("icon_url"):
        icons["image_48"] = call.text("icon_url")
    username = call.text("username")
    if (username or icons) and "chat:write.customize" not in call.scopes:
        raise missing_scope(["chat:write.customize"], call.scopes)
    return {"username": username, "icons": icons, "subtype": "bot_message" if username else ""}


def thread(call, channel):
    """A thread nobody began is no error: Slack says ok, and the message is where nobody sees it (`orphan`)."""
    ts = call.text("thread_ts")
    if call.moment("thread_ts", "invalid_thread_ts") is None:
        return ""
    parent = channel.messages.get(ts)
    if parent and parent.subtype in ("channel_join", "channel_leave"):
        raise SlackError("cannot_reply_to_message")
    return ts


def new_message(call, channel, **fields):
    filled = {name: value for name, value in fields.items() if value}
    app = call.app if call.user.is_bot else None
    author = {"bot_id": app.bot_id, "app_id": app.id} if app else {}
    return Message(call.world.ids.ts(), channel.id, call.user.id, **author, **filled)


@method("chat.postMessage", "special", "chat:write")
def post_message(call):
    channel = place(call)
    fields = {**content(call), **face(call), "metadata": call.metadata(), "thread_ts": thread(call, channel)}
    message = new_message(call, channel, **fields)
    for name in ("unfurl_links", "unfurl_media"):
        if name in call.arguments:
            setattr(message, name, call.flag(name))
    message.link_names = call.flag("link_names") or call.text("parse") == "full"
    if message.thread_ts and call.flag("reply_broadcast"):
        message.subtype, message.is_broadcast = "thread_broadcast", True
    call.sim.messaging.post(channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": call.sim.render.message(message, with_metadata=True)}


@method("chat.update", 3, "chat:write")
def update(call):
    channel = call.channel()
    message = call.message(channel)
    if message.user != call.user.id:
        raise SlackError("cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive")
    if message.stream == "streaming":
        raise SlackError("streaming_state_conflict")
    given = content(call, EDITED)
    metadata = call.metadata()
    # Text alone takes the place of blocks; attachments stay until an empty list takes them away.
    changes = {"text": given["text"], "blocks": given["blocks"] or []}
    if given["attachments"] is not None:
        changes["attachments"] = given["attachments"]
    if metadata is not None:
        changes["metadata"] = metadata
    call.sim.messaging.edit(channel, message, call.user.id, **changes)
    shown = call.sim.render.message(message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete", 3, "chat:write")
def delete(call):
    channel = call.channel()
    message = call.message(channel)
    if message.user != call.user.id:
        raise SlackError("cant_delete_message")
    call.sim.messaging.delete(channel, message)
    return {"channel": channel.id, "ts": call.text("ts")}


@method("chat.postEphemeral", 4, "chat:write")
def post_ephemeral(call):
    channel = call.joined()
    if call.person(error="user_not_in_channel").id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = new_message(call, channel, **content(call, CUT), **face(call), thread_ts=thread(call, channel))
    message.ephemeral_to = call.text("user")
    call.sim.post_ephemeral(channel, message)
    return {"message_ts": message.ts}


@method("chat.getPermalink", "special", json=False)
def get_permalink(call):
    channel = call.channel()
    message = call.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": call.sim.render.permalink(message)}


@method("chat.scheduleMessage", 3, "chat:write")
def schedule(call):
    channel = place(call)
    at, now = call.whole("post_at", None, 0, 1 << 40, "invalid_time"), call.world.clock.now()
    if at is None:
        raise invalid_arguments("missing required field: post_at")
    if at <= now:
        raise SlackError("time_in_past")
    if at > now + 120 * 86_400:
        raise SlackError("time_too_far")
    fields = {**content(call), "metadata": call.metadata(), "thread_ts": thread(call, channel)}
    scheduled_id = call.world.ids.make("Q")

    def post():
        if call.world.scheduled.pop(scheduled_id, None):
            call.sim.messaging.post(channel, new_message(call, channel, **fields))

    call.world.scheduled[scheduled_id] = channel.id
    call.world.clock.call_later(at - now, post)
    message = {"type": "delayed_message", "text": fields["text"], "user": call.user.id, "bot_id": call.app.bot_id}
    return {"channel": channel.id, "scheduled_message_id": scheduled_id, "post_at": at, "message": message}


@method("chat.deleteScheduledMessage", 3, "chat:write")
def delete_scheduled(call):
    if call.world.scheduled.pop(call.text("scheduled_message_id", required=True), None) is None:
        raise SlackError("invalid_scheduled_message_id")
