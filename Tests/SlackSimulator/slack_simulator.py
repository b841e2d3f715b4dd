#!/usr/bin/env python3
"""A Slack for tests, on loopback. Prints `listening on http://127.0.0.1:PORT`, serves until its standard input closes.

    slack_simulator.py [--port 0] [--seed 1] [--demo] [--certificate FILE --key FILE]

README.md says what can be asked of it.
"""

import argparse
import asyncio
import os
import ssl
import sys

from aiohttp import web

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from demo import build_demo  # noqa: E402
from simulator.simulator import Simulator  # noqa: E402


async def serve(options):
    simulator = Simulator(seed=options.seed)
    runner = web.AppRunner(simulator.application(), handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    site = web.TCPSite(runner, "127.0.0.1", options.port, ssl_context=context)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    simulator.set_base_url(f"{'https' if context else 'http'}://127.0.0.1:{port}")
    await simulator.start()
    if options.demo:
        await build_demo(simulator)
    print(f"listening on {simulator.base_url}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    await simulator.stop()
    await runner.cleanup()


def main():
    parser = argparse.ArgumentParser(description="A Slack for tests, on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same ids")
    parser.add_argument("--demo", action="store_true", help="a small company to talk in; prints what an app needs")
    parser.add_argument("--certificate", help="PEM; then https and wss")
    parser.add_argument("--key")
    options = parser.parse_args()
    if bool(options.certificate) != bool(options.key):
        parser.error("--certificate and --key go together")
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
