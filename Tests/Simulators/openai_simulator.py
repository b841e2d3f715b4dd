#!/usr/bin/env python3
"""A simulator of a server that speaks the chat completions API. Standard library only.

    openai_simulator.py [--port 0]

Prints `listening on http://127.0.0.1:PORT` and serves until its standard input closes. Scenarios, instances and the control
paths are as in `anthropic_simulator.py`, whose plumbing it uses: the base URL is

    http://127.0.0.1:PORT/scenario/NAME[:ARGUMENT]/INSTANCE/v1        (then /chat/completions)

`openai_peer.py` holds it against the official SDK.
"""

import argparse
import json
import sys
import threading
import time
from urllib.parse import urlsplit

import anthropic_simulator as base
from anthropic_simulator import Gone, JOURNAL, pieces

# What the API knows (https://platform.openai.com/docs/api-reference/chat/create); the rest it refuses.
FIELDS = {
    "model", "messages", "tools", "tool_choice", "parallel_tool_calls", "max_tokens", "max_completion_tokens",
    "temperature", "top_p", "stop", "stream", "stream_options", "response_format",
}


class Refusal(Exception):
    def __init__(self, status, message, kind="invalid_request_error", code=None, headers=None, body=None):
        self.status, self.headers = status, headers or {}
        self.body = body or {"error": {"message": message, "type": kind, "param": None, "code": code}}


# --- Requests ---------------------------------------------------------------------------------------------------


def check(body):
    """The checks of real servers that a client of ours could trip over."""
    bad = lambda text: Refusal(400, text)
    if not isinstance(body, dict):
        raise bad("We could not parse the JSON body of your request.")
    for name in body:
        if name not in FIELDS:
            raise bad(f"Unrecognized request argument supplied: {name}")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise bad("you must provide a model parameter")
    if body.get("stream_options") and not body.get("stream"):
        raise bad("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
    if body.get("tool_choice") and not body.get("tools"):
        raise bad("'tool_choice' is only allowed when 'tools' are specified.")
    asked, last = [], None
    for index, message in enumerate(body.get("messages") or []):
        role, content = message.get("role"), message.get("content")
        if role not in ("system", "user", "assistant", "tool"):
            raise bad(f"messages.{index}.role: unexpected value")
        if role == "tool":
            if message.get("tool_call_id") not in asked:
                raise bad("messages with role 'tool' must be a response to a preceding message with 'tool_calls'.")
            asked.remove(message["tool_call_id"])
        elif asked:
            raise bad(f"An assistant message with 'tool_calls' must be followed by tool messages: {asked}")
        if role == "user" and last == "user":
            raise bad("Conversation roles must alternate.")
        if isinstance(content, list):
            for part in content:
                if part.get("type") not in ("text", "image_url") or role != "user":
                    raise bad(f"messages.{index}: invalid content part {part.get('type')}")
                if part["type"] == "image_url" and not part["image_url"]["url"].startswith("data:image/"):
                    raise bad("Invalid image URL.")
        elif not isinstance(content, str) and not (role == "assistant" and message.get("tool_calls")):
            raise bad(f"messages.{index}.content: expected a string")
        if role == "assistant":
            for call in message.get("tool_calls") or []:
                json.loads(call["function"]["arguments"])
                asked.append(call["id"])
        last = role
    if not body.get("messages"):
        raise bad("[] is too short - 'messages'")
    if asked:
        raise bad(f"An assistant message with 'tool_calls' must be followed by tool messages: {asked}")


def last_text(body):
    for message in reversed(body["messages"]):
        if message["role"] in ("user", "tool"):
            content = message["content"]
            return content if isinstance(content, str) else " ".join(p.get("text", "[image]") for p in content)
    return ""


def has_result(body):
    return body["messages"][-1]["role"] == "tool" or any(m["role"] == "tool" for m in body["messages"][-2:])


def call(number, name, arguments):
    return {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}


def first_call(body, number=0):
    function = (body.get("tools") or [{"function": {"name": "bash"}}])[0]["function"]
    wants_command = "command" in (function.get("parameters") or {}).get("properties", {"command": {}})
    return call(number, function["name"], json.dumps({"command": "echo 'grüße'"} if wants_command else {}))


# --- Answers ----------------------------------------------------------------------------------------------------

USAGE = {"prompt_tokens": 25, "completion_tokens": 15, "total_tokens": 40}


def completion(body, text=None, calls=None, finish=None, usage=USAGE, **more):
    message = {"role": "assistant", "content": text, "refusal": None, **more}
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish or ("tool_calls" if calls else "stop")}
    return {
        "id": f"chatcmpl-{time.monotonic_ns():x}", "object": "chat.completion", "created": 1, "model": body["model"],
        "choices": [choice], **({"usage": usage} if usage else {}),
    }


def chunk(answer, delta, finish=None, **more):
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish, **more}
    return {
        "id": answer["id"], "object": "chat.completion.chunk", "created": 1, "model": answer["model"], "choices": [choice],
    }


def chunks(answer, body):
    """The chunks of a streamed completion, in the order of the real API."""
    choice = answer["choices"][0]
    message = choice["message"]
    yield chunk(answer, {"role": "assistant", "content": "" if message["content"] else None})
    for piece in pieces(message.get("reasoning_content") or ""):
        yield chunk(answer, {"reasoning_content": piece})
    for piece in pieces(message["content"] or ""):
        yield chunk(answer, {"content": piece})
    for piece in pieces(message["refusal"] or ""):
        yield chunk(answer, {"refusal": piece})
    for index, made in enumerate(message.get("tool_calls") or []):
        function = made["function"]
        yield chunk(answer, {"tool_calls": [{"index": index, **made, "function": {**function, "arguments": ""}}]})
        for piece in pieces(function["arguments"]):
            yield chunk(answer, {"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk(answer, {}, choice["finish_reason"], **{k: v for k, v in choice.items() if k == "stop_reason"})
    if (body.get("stream_options") or {}).get("include_usage") and answer.get("usage"):
        yield {**chunk(answer, {}), "choices": [], "usage": answer["usage"]}


def sse(value):
    return f"data: {json.dumps(value)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


class Handler(base.Handler):
    def answer(self, answer, done=True):
        if not self.body.get("stream"):
            return self.reply(200, answer)
        self.begin()
        for value in chunks(answer, self.body):
            self.send(sse(value))
        if done:
            self.send(DONE)
        self.end()

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            self.body = json.loads(raw)
        except ValueError:
            self.body = None
        name, argument, instance, path = self.scenario(urlsplit(self.path).path)
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.instance = instance
        self.count = JOURNAL.request(instance, {"path": path, "headers": headers, "body": self.body})
        try:
            if path != "/v1/chat/completions":
                raise Refusal(404, "Not found")
            check(self.body)
            if name not in SCENARIOS:
                raise Refusal(404, f"no scenario {name}")
            SCENARIOS[name](self, argument)
        except Refusal as refusal:
            self.reply(refusal.status, refusal.body, {"x-request-id": f"req_sim_{self.count}", **refusal.headers})
        except (Gone, BrokenPipeError, ConnectionResetError):
            self.close_connection = True
            JOURNAL.event(instance, "disconnect")


# --- Scenarios --------------------------------------------------------------------------------------------------


def happy(handler, argument):
    """Asks for the first tool, then tells what it said."""
    body = handler.body
    if not body.get("tools") or has_result(body):
        return handler.answer(completion(body, f"You said: {last_text(body)}"))
    handler.answer(completion(body, "Let me look.", [first_call(body)]))


def parallel(handler, argument):
    body = handler.body
    if has_result(body):
        return happy(handler, argument)
    handler.answer(completion(body, None, [first_call(body, n) for n in range(int(argument or 2))]))


def saying(text=None, calls=None, finish=None, usage=USAGE, done=True, **more):
    def scenario(handler, argument):
        handler.answer(completion(handler.body, text, calls, finish, usage, **more), done)

    return scenario


def stop_matched(handler, argument):
    """As vLLM does: names the sequence that ended the answer."""
    answer = completion(handler.body, "Up to here")
    answer["choices"][0]["stop_reason"] = (handler.body.get("stop") or [None])[0]
    handler.answer(answer)


def raw(*values, hang=False, cut=False):
    """Deltas (or whole chunks, or bytes) exactly as they stand here."""

    def scenario(handler, argument):
        answer = completion(handler.body)
        if not handler.body.get("stream"):
            return handler.reply(200, {**answer, "choices": []})
        handler.begin()
        for value in values:
            if isinstance(value, tuple):
                value = chunk(answer, *value)
            elif isinstance(value, dict) and not ({"error", "choices", "object", "detail"} & value.keys()):
                value = chunk(answer, value)
            handler.send(value if isinstance(value, bytes) else sse(value))
        if cut:
            return handler.cut()
        if hang:
            handler.pause(3600)
        handler.end()

    return scenario


def part(index, arguments="", **more):
    function = {"arguments": arguments, **({"name": more.pop("name")} if "name" in more else {})}
    return {"tool_calls": [{"index": index, **more, "function": function}]}


def failing(status, message, kind="invalid_request_error", code=None, headers=None, body=None):
    def scenario(handler, argument):
        if not argument or handler.count < int(argument):
            raise Refusal(status, message, kind, code, headers, body)
        happy(handler, argument)

    return scenario


def broken_first(handler, argument):
    """Ends N times before anything was said, then is fine."""
    if handler.count < int(argument or 1):
        handler.begin()
        handler.send(sse(chunk(completion(handler.body), {"role": "assistant", "content": ""})))
        return handler.cut()
    happy(handler, argument)


def never_ends(handler, argument):
    answer = completion(handler.body)
    handler.begin()
    while True:
        handler.send(sse(chunk(answer, {"content": "and on "})))
        handler.pause(int(argument or 5) / 1000)


def drip(handler, argument):
    """A byte at a time, and never a whole chunk."""
    handler.begin() if handler.body.get("stream") else handler.begin("application/json")
    while True:
        handler.send(b" " if not handler.body.get("stream") else b"d")
        handler.pause(int(argument or 20) / 1000)


def hang(handler, argument):
    handler.pause(3600)


def garbage(handler, argument):
    handler.reply(int(argument or 200), b"<html><body>It works!</body></html>", {"content-type": "text/html"})


def binary_stream(handler, argument):
    handler.begin()
    handler.send(b"data: " + bytes(byte for byte in range(256) if byte not in (10, 13)) + b"\n\n")
    handler.end()


def endless_line(handler, argument):
    handler.begin()
    while True:
        handler.send(b"x" * (1 << 20))


NAMED = {"name": "bash", "type": "function"}
SCENARIOS = {
    "happy": happy,
    "parallel": parallel,
    "cached": saying("From the cache.", usage={
        "prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200,
        "prompt_tokens_details": {"cached_tokens": 900}}),
    "reasoning": saying("Done thinking.", reasoning_content="Hm, let me see about this."),
    "refusal": saying(None, finish="stop", refusal="I can't help with that."),
    "filtered": saying("I", finish="content_filter"),
    "length": saying("And so it", finish="length"),
    "length_call": saying(None, [call(0, "bash", '{"command": "echo unfin')], finish="length"),
    "stop_with_calls": saying(None, [call(0, "bash", '{"command":"ls"}')], finish="stop"),
    "stop_matched": stop_matched,
    "no_usage": saying("Free of figures.", usage=None),
    "no_done": saying("Nothing more.", done=False),
    "bad_arguments": saying(None, [call(0, "bash", '{"command": ls -la}')]),
    "list_arguments": saying(None, [call(0, "bash", '["ls"]')]),
    "nameless_call": saying(None, [call(0, "", "{}")]),
    "empty_arguments": saying(None, [call(0, "bash", "")]),
    "odd_ids": saying("  \n", [call(0, "bash", "{}") | {"id": "functions.bash:0"}, call(0, "bash", "{}") | {"id": ""}]),
    "interleaved": raw(
        part(0, id="call_0", **NAMED), part(1, id="call_1", **NAMED), part(0, '{"command":'), part(1, '{"command"'),
        part(1, ':"second"}'), part(0, '"first"}'), ({}, "tool_calls"), DONE),
    "same_index": raw(
        part(0, '{"command":"first"}', id="call_a", **NAMED), part(0, '{"command":"second"}', id="call_b", **NAMED),
        ({}, "tool_calls"), DONE),
    "text_after_call": raw(
        part(0, '{"command":"first"}', id="call_a", **NAMED), {"content": "And now?"}, ({}, "tool_calls"), DONE),
    "comments": raw(b": still here\n\n", {"content": "Hello"}, b": and here\n\n", ({}, "stop"), DONE),
    "no_finish": raw({"content": "So far, and no"}),
    "no_finish_done": raw({"content": "So far, and no"}, DONE),
    "late_end": raw({"content": "All said."}, ({}, "stop"), hang=True),
    "broken_stream": raw({"content": "Right away."}, part(0, '{"command": "rm -rf ', id="call_0", **NAMED), cut=True),
    "broken_first": broken_first,
    "error_chunk": raw({"content": "I was about"}, {"error": {"message": "Overloaded", "code": 503}}),
    "revoked": raw({"content": "I was about"}, {"error": {"message": "Incorrect API key provided", "code": 401}}),
    "finish_error": raw({"content": "I was about"}, ({}, "error"), DONE),
    "garbage_stream": raw({"content": "Well,"}, b"data: {\"choices\": <nonsense>\n\n", hang=True),
    "foreign_stream": raw({"object": "surprise"}, hang=True),
    "hang_midway": raw({"content": "One moment"}, hang=True),
    "never_ends": never_ends,
    "drip": drip,
    "hang": hang,
    "garbage": garbage,
    "binary_stream": binary_stream,
    "endless_line": endless_line,
    "unauthorized": failing(401, "Incorrect API key provided", code="invalid_api_key"),
    "no_model": failing(404, "model 'x' not found, try pulling it first", "api_error"),
    "quota": failing(429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"),
    "rate_limited": failing(429, "Rate limit reached", "requests", headers={"retry-after": "7"}),
    "overloaded": failing(503, "The server is busy", "server_error"),
    "server_error": failing(500, "Internal server error", "server_error"),
    "too_long": failing(400, "This model's maximum context length is 8192 tokens.", code="context_length_exceeded"),
    "too_long_llama": failing(400, "the request exceeds the available context size"),
    "error_text": failing(500, "", body={"error": "llama runner process has terminated"}),
    "error_detail": failing(422, "", body={"detail": [{"loc": ["body", "messages"], "msg": "bad"}]}),
    "error_object": failing(400, "", body={"object": "error", "message": "no chat template", "code": 400}),
}


def main():
    parser = argparse.ArgumentParser(description="A simulator of the chat completions API.")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    server = base.Server(("127.0.0.1", arguments.port), Handler)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Whoever started it holds the other end: no simulator outlives its test.
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
