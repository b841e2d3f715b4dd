"""The official MCP SDK as the agent of a session: agent_client.py PROGRAM ARGUMENTS…"""

import asyncio
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main() -> None:
    server = StdioServerParameters(command=sys.argv[1], args=sys.argv[2:])
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        names = [tool.name for tool in (await session.list_tools()).tools]
        assert {"bash", "read_file", "reply"} <= set(names), names
        result = await session.call_tool("bash", {"command": "echo hello from bash"})
        print(result.content[0].text)
        outside = await session.call_tool("read_file", {"path": "/etc/passwd"})
        failed = getattr(outside, "isError", None) or getattr(outside, "is_error", None)
        assert failed, outside


asyncio.run(asyncio.wait_for(main(), 60))
