"""files.*: the upload in three steps, and looking at files."""

import mimetypes

from .. import blocks as block_kit
from ..calls import method
from ..errors import SlackError, invalid_arguments
from ..model import File
from .chat import face, new_message, thread

LARGEST = 1 << 30


@method("files.getUploadURLExternal", 4, "files:write", json=False)
def get_upload_url(call):
    name = call.text("filename", required=True)
    length = call.whole("length", None, 1, LARGEST, "invalid_arguments")
    if length is None:
        raise invalid_arguments("missing required field: length")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    file = File(call.world.ids.make("F"), name, name, kind, b"", call.user.id, int(call.world.clock.now()))
    return {"upload_url": call.sim.files.begin(call.app, file, length), "file_id": file.id}


@method("files.completeUploadExternal", 4, "files:write")
def complete_upload(call):
    given = call.structure("files", list)
    if not given:
        raise invalid_arguments("missing required field: files")
    channels = [call.text("channel_id")] if call.text("channel_id") else call.text("channels").split(",")
    places = [_place(call, reference) for reference in channels if reference]
    done = []
    for entry in given:
        file = call.sim.files.take(call.app, entry.get("id") if isinstance(entry, dict) else None)
        if file is None:
            raise SlackError("file_not_found")
        file.title = entry.get("title") or file.name
        done.append(file)
    for channel in places:
        blocks = block_kit.checked(call.structure("blocks", list) or [], call.world.ids)
        message = new_message(
            call, channel, **face(call), text=call.text("initial_comment"), blocks=blocks, thread_ts=thread(call,
            channel),
        )  # fmt: skip
        message.files, message.subtype = list(done), "file_share"
        call.sim.messaging.post(channel, message)
    return {"files": [call.sim.render.file(file) for file in done]}


def _place(call, reference):
    channel = call.world.channels.get(reference)
    if channel is None and reference in call.world.users:
        return call.world.direct(call.user.id, reference)[0]
    if channel is None or (channel.kind != "public" and call.user.id not in channel.members):
        raise SlackError("channel_not_found")
    if call.user.id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def visible(call):
    file = call.world.files.get(call.text("file", required=True))
    if file is None or not call.sim.files.may_see(file, call.user):
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    return file


@method("files.info", 4, "files:read", json=False)
def info(call):
    file = visible(call)
    return {"file": call.sim.render.file(file), "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.delete", 3, "files:write")
def delete(call):
    file = visible(call)
    if file.user != call.user.id:
        raise SlackError("cant_delete_file")
    file.deleted, file.content = True, b""
