"""chat.startStream, appendStream, stopStream: a message that grows while people watch."""

from .. import blocks as block_kit
from ..calls import method
from ..errors import SlackError
from .chat import MARKDOWN, face, new_message, place, thread

LIFETIME = 300  # seconds; Slack ends a stream after some minutes, without a word
CHUNKS = ("markdown_text", "task_update", "plan_update", "blocks")
TASKS = ("pending", "in_progress", "complete", "error")


def pieces(call):
    """What this call adds: text, and blocks."""
    chunks, text = call.structure("chunks", list, "invalid_chunks"), call.text("markdown_text")
    if len(text) > MARKDOWN:
        raise SlackError("msg_too_long")
    blocks = []
    for chunk in chunks or []:
        kind = chunk.get("type") if isinstance(chunk, dict) else None
        if kind not in CHUNKS:
            raise SlackError("invalid_chunks")
        if kind == "markdown_text":
            if not isinstance(chunk.get("text"), str):
                raise SlackError("invalid_chunks")
            text += chunk["text"]
        elif kind == "task_update":
            if not chunk.get("id") or not chunk.get("title") or chunk.get("status", "pending") not in TASKS:
                raise SlackError("invalid_chunks")
            blocks.append({**chunk, "type": "task_card", "task_id": chunk["id"], "block_id": f"task-{chunk['id']}"})
        elif kind == "plan_update":
            blocks.append({"type": "plan", "title": chunk.get("title"), "block_id": "plan"})
        else:
            blocks += block_kit.checked(chunk.get("blocks"), call.world.ids)
    return text, blocks, bool(chunks) or bool(text)


def merged(old, new):
    """A task that is reported again takes the place of its card."""
    known = {block["block_id"]: block for block in old}
    known.update({block["block_id"]: block for block in new})
    return list(known.values())


def streaming(call):
    if not call.app.streams:
        raise SlackError("unknown_method", req_method=call.method.name)
    channel = call.channel()
    message = call.message(channel)
    if message.app_id != call.app.id:
        raise SlackError("message_not_owned_by_app")
    if message.stream == "stopped_by_user":
        raise SlackError("stopped_by_user")
    if message.stream != "streaming":
        raise SlackError("message_not_in_streaming_state")
    return channel, message


@method("chat.startStream", 2, "chat:write")
def start(call):
    if not call.app.streams:
        raise SlackError("unknown_method", req_method=call.method.name)
    channel, ts = place(call), call.text("thread_ts")
    if channel.kind == "im":
        if not ts:
            raise SlackError("channel_type_not_supported")
    else:
        if not call.text("recipient_team_id"):
            raise SlackError("missing_recipient_team_id")
        if not call.text("recipient_user_id"):
            raise SlackError("missing_recipient_user_id")
        call.person("recipient_user_id")
    text, blocks, _ = pieces(call)
    message = new_message(
        call, channel, **face(call), text=text, blocks=blocks, thread_ts=thread(call, channel) if ts else "",
        stream="streaming", stream_recipient=call.text("recipient_user_id"),
    )  # fmt: skip
    call.sim.messaging.post(channel, message)

    def expire():
        if message.stream == "streaming":
            message.stream = "expired"
            call.sim.journal.note("stream", change="expired", channel=channel.id, ts=message.ts)

    call.world.clock.call_later(LIFETIME, expire)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.appendStream", 4, "chat:write")
def append(call):
    channel, message = streaming(call)
    text, blocks, is_something = pieces(call)
    if not is_something:
        raise SlackError("no_text")
    message.text += text
    message.blocks = merged(message.blocks, blocks)
    call.sim.journal.note("stream", change="appended", channel=channel.id, ts=message.ts, added=text, text=message.text)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.stopStream", 2, "chat:write")
def stop(call):
    channel, message = streaming(call)
    text, blocks, _ = pieces(call)
    final, metadata = call.blocks() or [], call.metadata()
    changes = {"stream": "stopped", "text": message.text + text, "blocks": merged(message.blocks, blocks) + final}
    if metadata:
        changes["metadata"] = metadata
    call.sim.messaging.edit(channel, message, call.user.id, is_stream=True, **changes)
    call.sim.journal.note("stream", change="stopped", channel=channel.id, ts=message.ts, text=message.text)
    return {"channel": channel.id, "ts": message.ts, "message": call.sim.render.message(message, with_metadata=True)}
