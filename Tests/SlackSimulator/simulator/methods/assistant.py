"""assistant.threads.*: status, title and suggestions of a thread with an agent."""

from ..calls import method
from ..errors import SlackError, invalid_arguments
from .chat import face


def thread(call):
    channel = call.channel("channel_id")
    ts = call.text("thread_ts", required=True)
    if ts not in channel.messages:
        raise SlackError("invalid_thread_ts")
    return channel, ts


@method("assistant.threads.setStatus", "special", "chat:write", "assistant:write")
def set_status(call):
    channel, ts = thread(call)
    loading = call.structure("loading_messages", list) or []
    if len(loading) > 10:
        raise invalid_arguments("no more than 10 items allowed [json-pointer:/loading_messages]")
    if not all(isinstance(text, str) and 1 <= len(text) <= 50 for text in loading):
        raise invalid_arguments("must be 1 to 50 characters [json-pointer:/loading_messages]")
    shown = face(call)
    status = {"status": call.text("status"), "loading_messages": loading, "app_id": call.app.id}
    if shown["username"]:
        status["username"] = shown["username"]
    call.sim.messaging.set_status(channel, ts, status)


@method("assistant.threads.setTitle", 4, "assistant:write")
def set_title(call):
    channel, ts = thread(call)
    channel.titles[ts] = call.text("title", required=True)
    call.sim.journal.note("title", channel=channel.id, thread_ts=ts, title=channel.titles[ts])


@method("assistant.threads.setSuggestedPrompts", 4, "assistant:write")
def set_suggested_prompts(call):
    if not call.app.is_assistant:
        raise SlackError("not_agent_app")
    channel, ts = thread(call)
    prompts = call.structure("prompts", list) or []
    if not 1 <= len(prompts) <= 4:
        raise invalid_arguments("must provide 1 to 4 items [json-pointer:/prompts]")
    for at, prompt in enumerate(prompts):
        if not isinstance(prompt, dict) or not prompt.get("title") or not prompt.get("message"):
            raise invalid_arguments(f"missing required field [json-pointer:/prompts/{at}]")
    channel.prompts[ts] = {"title": call.text("title"), "prompts": prompts}
    call.sim.journal.note("prompts", channel=channel.id, thread_ts=ts, prompts=prompts, title=call.text("title"))
