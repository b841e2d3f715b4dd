"""The official `anthropic` Python SDK as a client of the model gateway.

    anthropic_peer.py SOCKET CHECK

Prints `ok` where the check holds; a traceback otherwise.
"""

import sys

import anthropic

# The SDK's HTTP library is named httpx2 from its second major version on.
try:
    import httpx2 as httpx
except ImportError:
    import httpx

TOOLS = [
    {
        "name": "bash",
        "description": "Runs a command.",
        "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
    }
]


def client(path, **options):
    transport = httpx.HTTPTransport(uds=path)
    return anthropic.Anthropic(
        base_url="http://model", http_client=httpx.Client(transport=transport), max_retries=0, **options
    )


def ask(text, **more):
    return {"model": "bulkhead", "max_tokens": 500, "messages": [{"role": "user", "content": text}], **more}


def plain(c, expected):
    message = c.messages.create(**ask("say Grüße aus dem Käfig"))
    assert message.stop_reason == "end_turn", message
    assert expected in message.content[0].text, message
    assert message.usage.output_tokens > 0, message


def streamed(c, expected):
    pieces = []
    with c.messages.stream(**ask("say Grüße aus dem Käfig")) as stream:
        for text in stream.text_stream:
            pieces.append(text)
        final = stream.get_final_message()
    assert expected in "".join(pieces), pieces
    assert final.content[0].text == "".join(pieces), final
    assert final.stop_reason == "end_turn", final


def tool_use(c, answer):
    """Two calls: one asks for the tool, the next has its result."""
    request = ask("run echo 'grüße'", tools=TOOLS)
    with c.messages.stream(**request) as stream:
        first = stream.get_final_message()
    assert first.stop_reason == "tool_use", first
    use = first.content[-1]
    assert (use.type, use.name, use.input) == ("tool_use", "bash", {"command": "echo 'grüße'"}), use
    request["messages"] += [
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "grüße\n"}]},
    ]
    second = c.messages.create(**request)
    assert second.stop_reason == "end_turn", second
    assert answer in second.content[0].text, second


def counted(c):
    assert c.messages.count_tokens(model="x", messages=ask("hello")["messages"]).input_tokens > 5


def check_offline(path):
    for options in ({"api_key": "nothing"}, {"auth_token": "nothing"}):
        c = client(path, **options)
        plain(c, "Grüße aus dem Käfig")
        streamed(c, "Grüße aus dem Käfig")
        tool_use(c, "grüße")
        counted(c)
        message = c.beta.messages.create(**ask("say beta"), betas=["prompt-caching-2024-07-31"])
        assert message.content[0].text == "beta", message


def check_simulator(path):
    c = client(path, api_key="nothing")
    plain(c, "You said: say Grüße aus dem Käfig")
    streamed(c, "You said: say Grüße aus dem Käfig")
    tool_use(c, "You said: grüße")
    counted(c)


def check_refusals(path):
    c = client(path, api_key="nothing")
    for more, word in [
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0]"),
        ({"extra_body": {"mcp_servers": [{"type": "url", "url": "https://x", "name": "x"}]}}, "mcp_servers"),
        ({"container": "c"}, "container"),
        ({"extra_headers": {"anthropic-beta": "files-api-2025-04-14"}}, "anthropic-beta"),
        ({"extra_query": {"x": "1"}}, "query"),
    ]:
        try:
            c.messages.create(**ask("hi", **more))
        except anthropic.BadRequestError as error:
            assert word in str(error), error
        else:
            raise AssertionError(f"{more} was not refused")


def check_broken(path):
    """A stream that breaks in the middle of a tool's arguments is an error, not half a call."""
    c = client(path, api_key="nothing")
    blocks = []
    try:
        with c.messages.stream(**ask("hi", tools=TOOLS)) as stream:
            for event in stream:
                if event.type == "content_block_stop":
                    blocks.append(event.content_block)
            stream.get_final_message()
    except anthropic.APIError as error:
        assert "broke off" in str(error), error
        assert all(block.type == "text" for block in blocks), blocks
    else:
        raise AssertionError("nothing was raised")


def check_overloaded(path):
    try:
        client(path, api_key="nothing").messages.create(**ask("hi"))
    except anthropic.APIStatusError as error:
        assert error.status_code == 529, error
        assert "overloaded" in str(error).lower(), error
    else:
        raise AssertionError("nothing was raised")


def check_versions(path):
    """Both versions of the API, by the SDK's own header and by the newer one; what only the older knows is refused there."""
    for version in ("2023-06-01", "2026-10-21"):
        c = client(path, api_key="nothing", default_headers={"anthropic-version": version})
        plain(c, "You said: say Grüße aus dem Käfig")
        streamed(c, "You said: say Grüße aus dem Käfig")
        tool_use(c, "You said: grüße")
        counted(c)
    warm = {"extra_body": {"temperature": 0.5}}
    assert c.messages.create(**ask("hi"), extra_headers={"anthropic-version": "2023-06-01"}, **warm).content
    refused(anthropic.BadRequestError, "temperature", lambda: c.messages.create(**ask("hi"), **warm))
    unknown = {"anthropic-version": "2021-01-01"}
    refused(anthropic.BadRequestError, "anthropic-version", lambda: c.messages.create(**ask("hi"), extra_headers=unknown))


def check_betas(path):
    c = client(path, api_key="nothing")
    granted = ["prompt-caching-2024-07-31", "extended-cache-ttl-2025-04-11"]
    assert c.beta.messages.create(**ask("hi"), betas=granted).content
    assert c.beta.messages.count_tokens(model="x", messages=ask("hi")["messages"], betas=granted[:1]).input_tokens > 0
    with c.beta.messages.stream(**ask("hi"), betas=granted) as stream:
        assert stream.get_final_message().content
    refused(anthropic.BadRequestError, "files-api", lambda: c.beta.messages.create(**ask("hi"), betas=["files-api-2025-04-14"]))


def refused(kind, word, call):
    try:
        call()
    except kind as error:
        assert word in str(error), error
    else:
        raise AssertionError(f"{kind.__name__} was not raised")


ERRORS = {
    "unauthorized": anthropic.AuthenticationError,
    "invalid": anthropic.BadRequestError,
    "rate_limited": anthropic.RateLimitError,
    "overloaded": anthropic.InternalServerError,
    "server_error": anthropic.InternalServerError,
    "no_model": anthropic.NotFoundError,
    "quota": anthropic.APIStatusError,
    "too_long": anthropic.BadRequestError,
}


def check_error(path, kind):
    """Each trouble of a provider is the SDK's own exception for it, whole and streamed."""

    def stream():
        with client(path, api_key="nothing").messages.stream(**ask("hi")) as events:
            events.get_final_message()

    refused(ERRORS[kind], " ", lambda: client(path, api_key="nothing").messages.create(**ask("hi")))
    refused(ERRORS[kind], " ", stream)


if __name__ == "__main__":
    globals()[f"check_{sys.argv[2]}"](sys.argv[1], *sys.argv[3:])
    print("ok")
