"""The official MCP SDK as a server on stdin and stdout. Argument: the series of the SDK, see sdk.py."""

import sys

import sdk

sdk.choose(sys.argv[1])

import anyio  # noqa: E402

if sys.argv[1] == "stateless":
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
else:
    from mcp.server.fastmcp import Context
    from mcp.server.fastmcp import FastMCP as MCPServer
    from mcp.server.fastmcp.exceptions import ToolError

server = MCPServer("official", instructions="for tests")


@server.tool()
def echo(text: str) -> str:
    return text


@server.tool()
def add(left: int, right: int) -> int:
    return left + right


@server.tool()
def fail() -> str:
    raise ToolError("failed on purpose")


@server.tool()
async def count(to: int, ctx: Context) -> str:
    for value in range(1, to + 1):
        await ctx.report_progress(value, to, f"at {value}")
    return "counted"


@server.tool()
async def wait(ctx: Context) -> str:
    """Says that it has started, and never ends by itself."""
    await ctx.report_progress(1)
    await anyio.sleep_forever()
    return "never"


@server.tool()
async def change(ctx: Context) -> str:
    """Says that the list of tools has changed."""
    if sys.argv[1] == "stateless":
        await ctx.notify_tools_changed()
    else:
        await ctx.session.send_tool_list_changed()
    return "changed"


try:
    server.run("stdio")
except* BrokenPipeError:
    # The newest series answers open subscriptions at the end of its input, when the client may be gone.
    pass
