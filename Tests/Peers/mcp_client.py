"""The official MCP SDK as a client on stdin and stdout: goes through all that a server of ours offers.

Arguments: the series of the SDK (see sdk.py) and, for the newest, how to connect (`auto` or `legacy`). Exits with 0 where
everything was as expected; else says on stderr what was not.
"""

import os
import sys
import threading
import traceback
from contextlib import asynccontextmanager

import sdk

sdk.choose(sys.argv[1])

import anyio  # noqa: E402
from mcp.server.stdio import stdio_server  # noqa: E402  (its streams are those a client needs, too)


step = "connecting"


def hang() -> None:
    print(f"{sys.argv[1:]}: no end of {step} after five minutes", file=sys.stderr, flush=True)
    os._exit(2)


def at(what: str) -> None:
    global step
    step = what


def expect(condition: object, what: object) -> None:
    if not condition:
        raise AssertionError(f"unexpected: {what!r}")


async def tools(client, errors) -> None:
    """What both series have in common."""
    at("listing tools")
    names = []
    page = await client.list_tools()
    names += [tool.name for tool in page.tools]
    cursor = getattr(page, "next_cursor", None) if sys.argv[1] == "stateless" else page.nextCursor
    expect(cursor == "", cursor)
    page = await (
        client.list_tools(cursor=cursor)
        if sys.argv[1] == "stateless"
        else client.list_tools(params=__import__("mcp").types.PaginatedRequestParams(cursor=cursor))
    )
    names += [tool.name for tool in page.tools]
    expect(names == ["echo", "count", "wait", "change"], names)
    try:
        await (
            client.list_tools(cursor="never given out")
            if sys.argv[1] == "stateless"
            else client.list_tools(params=__import__("mcp").types.PaginatedRequestParams(cursor="never given out"))
        )
        expect(False, "a cursor never given out was taken")
    except errors as error:
        expect(error.error.code == -32602, error.error)

    at("calling echo")
    text = 'line\nquote " backslash \\ separator \u2028 emoji \U0001f600 nul \0'
    result = await client.call_tool("echo", {"text": text})
    expect(result.content[0].text == text, result)
    result = await client.call_tool("echo", {})
    expect(is_error(result), result)
    try:
        result = await client.call_tool("nothing", {})
        expect(False, result)
    except errors as error:
        expect(error.error.code == -32602, error.error)

    at("progress")
    seen = []

    async def progress(value, total, message) -> None:
        seen.append(value)

    await client.call_tool("count", {"to": 5}, progress_callback=progress)
    expect(seen and seen == sorted(set(seen)) and seen[-1] == 5, seen)

    at("cancelling")
    # Cancelled as soon as it has started; the connection has to stay usable.
    with anyio.CancelScope() as scope:

        async def started(value, total, message) -> None:
            scope.cancel()

        await client.call_tool("wait", {}, progress_callback=started)
    result = await client.call_tool("echo", {"text": "on"})
    expect(result.content[0].text == "on", result)

    at("many calls at once")
    # More at once than may be under way.
    async with anyio.create_task_group() as group:
        for number in range(300):
            group.start_soon(one, client, str(number))


async def one(client, text: str) -> None:
    result = await client.call_tool("echo", {"text": text})
    expect(result.content[0].text == text, result)


def is_error(result) -> bool:
    return result.is_error if sys.argv[1] == "stateless" else result.isError


async def newest() -> None:
    from mcp import Client, MCPError
    from mcp.client import session

    # A busy machine must not look like a server of the older era.
    session.DISCOVER_TIMEOUT_SECONDS = 300

    changed = anyio.Event()

    async def on_message(message) -> None:
        if "ToolListChanged" in type(getattr(message, "root", message)).__name__:
            changed.set()

    async with Client(stdio_server(), mode=sys.argv[2], message_handler=on_message) as client, exit_at_end():
        expect(client.server_info.name == "test", client.server_info)
        version = client.protocol_version
        expect(version == ("2026-07-28" if sys.argv[2] == "auto" else "2025-11-25"), version)
        await tools(client, MCPError)
        at("the change of tools")
        if sys.argv[2] == "legacy":
            await client.send_ping()
            await client.call_tool("change", {})
            await changed.wait()
        else:
            async with client.listen(tools_list_changed=True) as subscription:
                await client.call_tool("change", {})
                async for event in subscription:
                    expect(type(event).__name__ == "ToolsListChanged", event)
                    break


async def initialize_era() -> None:
    from mcp import ClientSession, McpError

    changed = anyio.Event()

    async def on_message(message) -> None:
        if "ToolListChanged" in type(getattr(message, "root", message)).__name__:
            changed.set()

    async with stdio_server() as streams, ClientSession(*streams, message_handler=on_message) as client, exit_at_end():
        result = await client.initialize()
        expect(result.protocolVersion == "2025-11-25", result)
        await tools(client, McpError)
        at("the change of tools")
        await client.send_ping()
        await client.call_tool("change", {})
        await changed.wait()


@asynccontextmanager
async def exit_at_end():
    """Ends the program: leaving the streams the usual way would wait for a line on stdin that never comes."""
    try:
        yield
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


threading.Timer(300, hang).start()
try:
    anyio.run(newest if sys.argv[1] == "stateless" else initialize_era)
except BaseException:
    traceback.print_exc()
    os._exit(1)
