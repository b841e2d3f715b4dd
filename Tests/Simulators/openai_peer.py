"""The official `openai` Python SDK as the judge of what is said in its API.

    openai_peer.py simulator BASE_URL        the simulator's answers are what the SDK takes, strictly
    openai_peer.py requests                  a JSON list of request bodies on standard input is what the SDK could have sent

Prints `ok` where the check holds; a traceback otherwise.
"""

import json
import sys
import typing

if sys.argv[1] == "requests":
    # The SDK's types say Iterable, which is checked only as far as somebody walks; a list is checked whole.
    typing.Iterable = typing.List

import openai
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsBase,
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from pydantic import TypeAdapter

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "bash",
            "parameters": {"type": "object", "properties": {"command": {"type": "string"}}},
        },
    }
]


def client(url):
    return openai.OpenAI(base_url=url, api_key="nothing", max_retries=0, _strict_response_validation=True)


def check_simulator(url):
    def at(scenario):
        return client(f"{url}/scenario/{scenario}/sdk/v1").chat.completions

    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    for scenario in ["happy", "cached", "reasoning", "refusal", "filtered", "length", "stop_matched", "no_usage"]:
        whole = at(scenario).create(**asked)
        assert whole.choices[0].finish_reason, whole
        chunks = list(at(scenario).create(**asked, stream=True, stream_options={"include_usage": True}))
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert text == (whole.choices[0].message.content or ""), chunks
        figures = [c.usage for c in chunks if c.usage]
        assert figures == ([whole.usage] if whole.usage else []), figures
    made = at("parallel").create(**asked, tools=TOOLS).choices[0].message.tool_calls
    assert [json.loads(c.function.arguments) for c in made] == [{"command": "echo 'grüße'"}] * 2, made
    pieces = {}
    for chunk in at("interleaved").create(**asked, tools=TOOLS, stream=True):
        for call in chunk.choices[0].delta.tool_calls or []:
            pieces[call.index] = pieces.get(call.index, "") + (call.function.arguments or "")
    assert [json.loads(pieces[i]) for i in (0, 1)] == [{"command": "first"}, {"command": "second"}], pieces
    for scenario, error in [
        ("unauthorized", openai.AuthenticationError),
        ("no_model", openai.NotFoundError),
        ("quota", openai.RateLimitError),
        ("overloaded", openai.InternalServerError),
        ("too_long", openai.BadRequestError),
    ]:
        try:
            at(scenario).create(**asked)
        except error:
            pass
        else:
            raise AssertionError(f"{scenario} raised nothing")
    try:
        list(at("error_chunk").create(**asked, stream=True))
    except openai.APIError as error:
        assert "Overloaded" in str(error), error
    else:
        raise AssertionError("an error in the stream raised nothing")


def check_requests():
    for body in json.load(sys.stdin):
        kind = CompletionCreateParamsStreaming if body.get("stream") else CompletionCreateParamsNonStreaming
        TypeAdapter(kind).validate_python(body)
        unknown = set(body) - set(kind.__annotations__) - set(CompletionCreateParamsBase.__annotations__)
        assert not unknown, unknown


if __name__ == "__main__":
    globals()[f"check_{sys.argv[1]}"](*sys.argv[2:])
    print("ok")
