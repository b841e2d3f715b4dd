"""Holds recorded messages against the official schema of their protocol version, as the SDK generates its types from it.

Reads lines of JSON: {"version", "from": "client" | "server", "answers": method or null, "message"}. Exits with 0 where
all are valid; else says on stderr which are not, and why.
"""

import json
import sys

from mcp_types import jsonrpc, methods

failures = 0
for line in sys.stdin:
    record = json.loads(line)
    version, message, source = record["version"], record["message"], record["from"]
    try:
        jsonrpc.jsonrpc_message_adapter.validate_python(message, by_name=False)
        if "error" in message:
            pass
        elif "result" in message:
            methods.validate_server_result(record["answers"], version, message["result"])
        elif "id" in message:
            methods.validate_client_request(message["method"], version, message.get("params"))
        elif source == "client":
            methods.validate_client_notification(message["method"], version, message.get("params"))
        else:
            methods.parse_server_notification(message["method"], version, message.get("params"))
    except Exception as error:
        failures += 1
        print(f"{line.strip()}\n    {type(error).__name__}: {error}", file=sys.stderr)
sys.exit(1 if failures else 0)
