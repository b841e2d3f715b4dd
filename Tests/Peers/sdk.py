"""Picks the series of the official MCP SDK that a peer is to be: `stateless` (2.x, both eras) or `initialize` (1.x)."""

import os
import sys


def choose(series: str) -> None:
    if series == "initialize":
        sys.path.insert(0, os.path.join(sys.prefix, "initialize-era"))
    elif series != "stateless":
        raise SystemExit(f"unknown series {series!r}")
