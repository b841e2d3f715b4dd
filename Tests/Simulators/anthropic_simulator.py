#!/usr/bin/env python3
"""A simulator of Anthropic's Messages API for tests. Standard library only.

    anthropic_simulator.py [--port 0] [--script FILE]

Prints `listening on http://127.0.0.1:PORT` and serves until its standard input closes.

What happens to a request is its scenario, named in the path of the base URL:

    http://127.0.0.1:PORT/scenario/NAME[:ARGUMENT]/INSTANCE        (then /v1/messages or /v1/messages/count_tokens)

or by the header `x-scenario: NAME[:ARGUMENT]/INSTANCE`, or by a model called `sim-NAME`, or by `scenario:NAME` in the last
text of the user; without any it is `script` where a script was given and `happy` where not. Each INSTANCE counts its own requests, so that tests can share one simulator.
`SCENARIOS` at the end lists the names.

A script is a JSON list of turns, one a request: {"content": [blocks], "stop_reason"?, "usage"?, "seconds_per_event"?,
"break_after_events"?} or {"status": 529, "error": {...}, "headers"?: {...}}. After its last turn it begins again.

Control (GET, answers JSON):
    /control/requests?instance=I            the requests of an instance: path, query, headers (names in lower case), body
    /control/wait?instance=I&event=E&seconds=S     waits until E happened (request, disconnect); 408 where it did not
"""

import argparse
import gzip
import json
import re
import select
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

USAGE = {
    "input_tokens": 25,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "output_tokens": 1,
    "service_tier": "standard",
}


class Journal:
    """What happened, by instance."""

    def __init__(self):
        self.condition = threading.Condition()
        self.requests = {}
        self.events = {}

    def request(self, instance, entry):
        with self.condition:
            entries = self.requests.setdefault(instance, [])
            entries.append(entry)
            self.events.setdefault(instance, []).append("request")
            self.condition.notify_all()
            return len(entries) - 1

    def event(self, instance, name):
        with self.condition:
            self.events.setdefault(instance, []).append(name)
            self.condition.notify_all()

    def wait(self, instance, name, seconds):
        with self.condition:
            return self.condition.wait_for(lambda: name in self.events.get(instance, []), seconds)


JOURNAL = Journal()
SCRIPT = []


class Gone(Exception):
    """The client closed the connection."""


class Refusal(Exception):
    def __init__(self, status, kind, message, headers=None, details=None):
        self.status, self.headers = status, headers or {}
        self.error = {"type": kind, "message": message}
        if details:
            self.error["details"] = details


# --- Requests ---------------------------------------------------------------------------------------------------


def check(headers, body, counting):
    """The checks of the real API that a client of ours could trip over."""
    if not headers.get("x-api-key") and not headers.get("authorization", "").startswith("Bearer "):
        raise Refusal(401, "authentication_error", "x-api-key header is required")
    version = headers.get("anthropic-version")
    if version not in ("2023-06-01", "2026-10-21"):
        raise Refusal(400, "invalid_request_error", "anthropic-version: header is required")
    bad = lambda text: Refusal(400, "invalid_request_error", text)
    if not isinstance(body, dict):
        raise bad("body must be an object")
    if version == "2026-10-21":
        for name in ("temperature", "top_p", "top_k"):
            if name in body:
                raise bad(f"{name}: Extra inputs are not permitted")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise bad("model: Field required")
    if not counting and (not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1):
        raise bad("max_tokens: Field required")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise bad("messages: at least one message is required")
    asked = []
    for index, message in enumerate(messages):
        if message.get("role") not in ("user", "assistant", "system"):
            raise bad(f"messages.{index}.role: unexpected value")
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if not blocks:
            raise bad(f"messages.{index}: content must be non-empty")
        answered = [b.get("tool_use_id") for b in blocks if b.get("type") == "tool_result"]
        if sorted(answered) != sorted(asked):
            raise bad(f"messages.{index}: tool_use ids and tool_result blocks do not match: {asked} {answered}")
        asked = [b.get("id") for b in blocks if b.get("type") == "tool_use"]
        for block in blocks:
            if block.get("type") == "text" and not block.get("text"):
                raise bad(f"messages.{index}: text content blocks must be non-empty")
    if asked:
        raise bad("the last message asks for tools")


def last_text(body):
    for message in reversed(body["messages"]):
        if message["role"] != "user":
            continue
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for block in reversed(blocks):
            if block.get("type") == "text":
                return block["text"]
            if block.get("type") == "tool_result":
                inner = block.get("content", "")
                return inner if isinstance(inner, str) else "".join(b.get("text", "") for b in inner)
    return ""


def has_result(body):
    content = body["messages"][-1]["content"]
    return isinstance(content, list) and any(b.get("type") == "tool_result" for b in content)


# --- Answers ----------------------------------------------------------------------------------------------------


def message(body, content, stop_reason=None, usage=None):
    if stop_reason is None:
        stop_reason = "tool_use" if any(b["type"] == "tool_use" for b in content) else "end_turn"
    return {
        "id": f"msg_sim_{time.monotonic_ns():x}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {**USAGE, "output_tokens": 15, **(usage or {})},
    }


def pieces(text, size=12):
    return [text[i : i + size] for i in range(0, len(text), size)]


def events(answer):
    """The events of a streamed message, in the order of the real API."""
    usage = answer["usage"]
    start = {**answer, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(answer["content"]):
        kind = block["type"]
        empty = {
            "text": {"type": "text", "text": ""},
            "thinking": {"type": "thinking", "thinking": "", "signature": ""},
            "tool_use": {**block, "input": {}},
        }.get(kind, block)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        if index == 0:
            yield {"type": "ping"}
        deltas = []
        if kind == "text":
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(block["text"])]
        elif kind == "thinking":
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        elif kind == "tool_use":
            # A tool without arguments streams no JSON at all.
            text = json.dumps(block["input"]) if block["input"] else ""
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in [""] + pieces(text)]
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": answer["stop_reason"], "stop_sequence": None}
    cumulative = {k: v for k, v in usage.items() if k.endswith("_tokens")}
    yield {"type": "message_delta", "delta": delta, "usage": cumulative}
    yield {"type": "message_stop"}


def sse(event):
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise each small write waits for the acknowledgement of the one before.
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    # Plumbing

    def reply(self, status, body, headers=None):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {"content-type": "application/json", **(headers or {})}
        if "gzip" in self.headers.get("accept-encoding", ""):
            body = gzip.compress(body)
            headers["content-encoding"] = "gzip"
        self.send_response(status)
        self.send_header("request-id", f"req_sim_{self.count}")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self, content_type="text/event-stream; charset=utf-8"):
        self.compressor = None
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("cache-control", "no-cache")
        self.send_header("request-id", f"req_sim_{self.count}")
        if "gzip" in self.headers.get("accept-encoding", ""):
            import zlib

            self.compressor = zlib.compressobj(wbits=31)
            self.send_header("content-encoding", "gzip")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def send(self, data, flush=True):
        if self.compressor:
            data = self.compressor.compress(data) + self.compressor.flush(2)
        if not data:
            return
        try:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()
        except OSError:
            raise Gone from None

    def end(self):
        if self.compressor:
            data, self.compressor = self.compressor.flush(), None
            self.send(data)
        self.wfile.write(b"0\r\n\r\n")

    def pause(self, seconds):
        """Waits, and notices when the client goes."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            readable, _, _ = select.select([self.connection], [], [], left)
            if not readable:
                return
            try:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    raise Gone
            except OSError:
                raise Gone from None
            # A byte where none belongs: nobody pipelines here.
            return

    def cut(self):
        """Ends the connection in the middle, as a crash would."""
        self.close_connection = True
        try:
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def answer(self, answer, seconds_per_event=0.0, break_after=None):
        if not self.body.get("stream"):
            return self.reply(200, answer)
        self.begin()
        for number, event in enumerate(events(answer)):
            if break_after is not None and number >= break_after:
                return self.cut()
            self.send(sse(event))
            if seconds_per_event:
                self.pause(seconds_per_event)
        self.end()

    # Routes

    def do_HEAD(self):
        self.count = 0
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self):
        self.count = 0
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        instance = query.get("instance", "")
        if parts.path == "/control/requests":
            return self.reply(200, JOURNAL.requests.get(instance, []))
        if parts.path == "/control/wait":
            happened = JOURNAL.wait(instance, query.get("event", ""), float(query.get("seconds", "10")))
            return self.reply(200 if happened else 408, {"happened": happened})
        self.reply(404, {"type": "error", "error": {"type": "not_found_error", "message": "Not found"}})

    def do_POST(self):
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("content-length", "0")))
        try:
            self.body = json.loads(raw)
        except ValueError:
            self.body = None
        name, argument, instance, path = self.scenario(parts.path)
        headers = {key.lower(): value for key, value in self.headers.items()}
        entry = {
            "path": path,
            "query": parts.query,
            "headers": headers,
            "body": self.body,
            "raw": raw.decode("utf-8", "replace"),
        }
        self.instance = instance
        self.count = JOURNAL.request(instance, entry)
        try:
            counting = path == "/v1/messages/count_tokens"
            if path != "/v1/messages" and not counting:
                raise Refusal(404, "not_found_error", "Not found")
            check(headers, self.body, counting)
            if counting and name not in ("garbage", "unauthorized"):
                return self.reply(200, {"input_tokens": max(1, len(raw) // 4)})
            if name not in SCENARIOS:
                raise Refusal(404, "not_found_error", f"no scenario {name}")
            SCENARIOS[name](self, argument)
        except Refusal as refusal:
            body = {"type": "error", "error": refusal.error, "request_id": f"req_sim_{self.count}"}
            self.reply(refusal.status, body, refusal.headers)
        except (Gone, BrokenPipeError, ConnectionResetError):
            self.close_connection = True
            JOURNAL.event(instance, "disconnect")

    def scenario(self, path):
        default = "script" if SCRIPT else "happy"
        named, instance = self.headers.get("x-scenario", ""), ""
        if path.startswith("/scenario/"):
            _, _, named, instance, rest = path.split("/", 4)
            path = "/" + rest
        elif not named and isinstance(self.body, dict) and str(self.body.get("model", "")).startswith("sim-"):
            named = self.body["model"][4:]
        elif not named and isinstance(self.body, dict) and not SCRIPT:
            words = re.findall(r"scenario:(\w+)", last_text(self.body) if self.body.get("messages") else "")
            named = words[-1] if words else ""
        if "/" in named:
            named, instance = named.split("/", 1)
        name, _, argument = (named or default).partition(":")
        return name, argument, instance, path


# --- Scenarios --------------------------------------------------------------------------------------------------


def first_tool(body):
    tool = (body.get("tools") or [{"name": "bash"}])[0]
    wants_command = "command" in tool.get("input_schema", {}).get("properties", {"command": {}})
    return tool["name"], {"command": "echo 'grüße'"} if wants_command else {}


def happy(handler, argument):
    """Asks for the first tool, then tells what it said."""
    body = handler.body
    if not body.get("tools") or has_result(body):
        return handler.answer(message(body, [{"type": "text", "text": f"You said: {last_text(body)}"}]))
    name, arguments = first_tool(body)
    blocks = [
        {"type": "text", "text": "Let me look."},
        {"type": "tool_use", "id": f"toolu_sim_{handler.count}", "name": name, "input": arguments},
    ]
    handler.answer(message(body, blocks))


def parallel(handler, argument):
    body = handler.body
    if has_result(body):
        return happy(handler, argument)
    name, arguments = first_tool(body)
    count = int(argument or 2)
    blocks = [{"type": "tool_use", "id": f"toolu_sim_{n}", "name": name, "input": arguments} for n in range(count)]
    handler.answer(message(body, blocks))


def thinking(handler, argument):
    blocks = [
        {"type": "thinking", "thinking": "Hm, let me see about this.", "signature": "c2lnbmF0dXJl"},
        {"type": "text", "text": "Done thinking."},
    ]
    handler.answer(message(handler.body, blocks))


def cached(handler, argument):
    """Every kind of token in the usage."""
    usage = {
        "input_tokens": 1000,
        "output_tokens": 200,
        "cache_read_input_tokens": 30000,
        "cache_creation_input_tokens": 5000,
        "cache_creation": {"ephemeral_5m_input_tokens": 4000, "ephemeral_1h_input_tokens": 1000},
    }
    handler.answer(message(handler.body, [{"type": "text", "text": "From the cache."}], usage=usage))


def broken_stream(handler, argument):
    """Ends in the middle of a tool's arguments."""
    name, _ = first_tool(handler.body)
    block = {"type": "tool_use", "id": "toolu_sim_x", "name": name, "input": {"command": "rm -rf everything " * 4}}
    handler.answer(message(handler.body, [{"type": "text", "text": "Right away."}, block]), break_after=9)


def broken_first(handler, argument):
    """Ends N times before the first event, then is fine."""
    if handler.count < int(argument or 1):
        handler.begin()
        handler.send(b"event: message_start\ndata: {\"type\": \"mess")
        return handler.cut()
    happy(handler, argument)


def no_stop(handler, argument):
    """Ends cleanly, but before message_stop."""
    handler.begin()
    for event in list(events(message(handler.body, [{"type": "text", "text": "So far, and no"}])))[:-2]:
        handler.send(sse(event))
    handler.end()


def failing(status, kind, text, headers=None, details=None):
    def scenario(handler, argument):
        if not argument or handler.count < int(argument):
            raise Refusal(status, kind, text, headers, details)
        happy(handler, argument)

    return scenario


def rate_limited(handler, argument):
    """429 N times, each with a retry-after."""
    times, _, seconds = argument.partition(",")
    if handler.count < int(times or 1):
        headers = {"retry-after": seconds or "7"}
        raise Refusal(429, "rate_limit_error", "This request would exceed your rate limit.", headers)
    happy(handler, argument)


def overloaded_event(handler, argument):
    """An error event comes first, N times."""
    if handler.count < int(argument or 1):
        handler.begin()
        error = {"type": "overloaded_error", "message": "Overloaded"}
        handler.send(sse({"type": "error", "error": error}))
        return handler.end()
    happy(handler, argument)


def error_event(handler, argument):
    """An error event in mid-stream."""
    handler.begin()
    for event in list(events(message(handler.body, [{"type": "text", "text": "I was about to say that"}])))[:5]:
        handler.send(sse(event))
    handler.send(sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}))
    handler.end()


def drip(handler, argument):
    """A few bytes at a time, with ARGUMENT milliseconds between."""
    data = b"".join(sse(event) for event in events(message(handler.body, [{"type": "text", "text": "Slow and steady."}])))
    handler.begin()
    size = 7 if int(argument or 1) < 20 else 1
    for position in range(0, len(data), size):
        handler.send(data[position : position + size])
        handler.pause(int(argument or 1) / 1000)
    handler.end()


def never_ends(handler, argument):
    """Text for ever, a piece every ARGUMENT milliseconds."""
    handler.begin()
    for event in list(events(message(handler.body, [{"type": "text", "text": "x"}])))[:3]:
        handler.send(sse(event))
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "and on "}}
    while True:
        handler.send(sse(delta))
        handler.pause(int(argument or 5) / 1000)


def hang(handler, argument):
    """Not a byte."""
    handler.pause(3600)


def hang_midway(handler, argument):
    handler.begin()
    for event in list(events(message(handler.body, [{"type": "text", "text": "One moment"}])))[:4]:
        handler.send(sse(event))
    handler.pause(3600)


def garbage(handler, argument):
    """A page of HTML where an answer should be."""
    handler.reply(int(argument or 200), b"<html><body>It works!</body></html>", {"content-type": "text/html"})


def garbage_stream(handler, argument):
    """An event stream that is none of the API's."""
    handler.begin()
    handler.send(sse(next(events(message(handler.body, [])))))
    handler.send(b"event: content_block_delta\ndata: {\"type\": <nonsense>\n\n")
    handler.pause(3600)


def not_json(handler, argument):
    """The right kind of content by its name alone."""
    handler.reply(200, b"{\"type\": \"message\", <nonsense>")


def empty_stream(handler, argument):
    """An event stream that ends before its first event."""
    handler.begin()
    handler.end()


def binary_stream(handler, argument):
    handler.begin()
    handler.send(bytes(range(256)) * 64)
    handler.end()


def scripted(handler, argument):
    turn = SCRIPT[handler.count % len(SCRIPT)]
    if "status" in turn:
        error = turn.get("error", {})
        kind, text = error.get("type", "api_error"), error.get("message", "scripted")
        raise Refusal(turn["status"], kind, text, turn.get("headers"), error.get("details"))
    answer = message(handler.body, turn["content"], turn.get("stop_reason"), turn.get("usage"))
    handler.answer(answer, turn.get("seconds_per_event", 0), turn.get("break_after_events"))


SCENARIOS = {
    "happy": happy,
    "parallel": parallel,
    "thinking": thinking,
    "cached": cached,
    "broken_stream": broken_stream,
    "broken_first": broken_first,
    "no_stop": no_stop,
    "rate_limited": rate_limited,
    "overloaded": failing(529, "overloaded_error", "Overloaded"),
    "overloaded_event": overloaded_event,
    "server_error": failing(500, "api_error", "Internal server error"),
    "do_not_retry": failing(500, "api_error", "Internal server error", {"x-should-retry": "false"}),
    "please_retry": failing(418, "api_error", "A teapot", {"x-should-retry": "true"}),
    "retry_after_ms": failing(503, "api_error", "Busy", {"retry-after-ms": "120"}),
    "spend_limit": failing(
        429,
        "rate_limit_error",
        "Your organization has reached its spend limit.",
        {"x-should-retry": "true"},
        {"error_code": "enforced_spend_limit_reached"},
    ),
    "unauthorized": failing(401, "authentication_error", "invalid x-api-key"),
    "invalid": failing(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "bad_request": failing(400, "invalid_request_error", "messages.0.content: this cannot be read"),
    "error_event": error_event,
    "drip": drip,
    "never_ends": never_ends,
    "hang": hang,
    "hang_midway": hang_midway,
    "garbage": garbage,
    "garbage_stream": garbage_stream,
    "binary_stream": binary_stream,
    "empty_stream": empty_stream,
    "not_json": not_json,
    "script": scripted,
}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        # Connections reset by tests are no news.
        if not isinstance(sys.exc_info()[1], (OSError, Gone)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description="A simulator of Anthropic's Messages API.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script")
    arguments = parser.parse_args()
    if arguments.script:
        with open(arguments.script, encoding="utf-8") as file:
            SCRIPT.extend(json.load(file))
    server = Server(("127.0.0.1", arguments.port), Handler)
    print(f"listening on http://127.0.0.1:{server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Whoever started it holds the other end: no simulator outlives its test.
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
