"""Socket Mode clients of the SDK that acknowledge what they hear, and keep it."""

import asyncio
import queue
import threading

from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.aiohttp import SocketModeClient as AiohttpClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient


class Heard:
    """What came, as SocketModeRequests."""

    def __init__(self):
        self.heard = queue.Queue()

    def next(self, event=None):
        while True:
            request = self.heard.get(timeout=10)
            if event is None or request.payload.get("event", {}).get("type") == event:
                return request

    def next_of(self, kind):
        while True:
            request = self.heard.get(timeout=10)
            if request.type == kind:
                return request


class Listener(Heard):
    """The asynchronous client, on a thread of its own. It ends quickly, so most tests take it."""

    def __init__(self, test, kind=AiohttpClient, acknowledges=True, ssl=None, **options):
        super().__init__()
        self.acknowledges = acknowledges
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        mark = test.sim.mark()
        web_client = {"base_url": test.sim.base_url, "ssl": ssl}
        self.client = self._run(self._connect(test, kind, web_client, options))
        test.addCleanup(self.close)
        test.sim.wait("connected", after=mark)

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _connect(self, test, kind, web_client, options):
        client = kind(app_token=test.app["app_token"], web_client=AsyncWebClient(**web_client), **options)
        client.socket_mode_request_listeners.append(self._request)
        await client.connect()
        return client

    async def _request(self, client, request):
        if self.acknowledges:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        self.heard.put(request)

    def close(self):
        if self._loop.is_running():
            self._run(self.client.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)


class BlockingListener(Heard):
    """A client with threads. Its own close waits for its reads, so the simulator hangs up first."""

    def __init__(self, test, kind=SocketModeClient, **options):
        super().__init__()
        self._test = test
        self.client = kind(app_token=test.app["app_token"], web_client=test.client_of(None), **options)
        self.client.socket_mode_request_listeners.append(self._request)
        mark = test.sim.mark()
        self.client.connect()
        test.addCleanup(self.close)
        test.sim.wait("connected", after=mark)

    def _request(self, client, request):
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        self.heard.put(request)

    def close(self):
        if self.client.closed:
            return
        self.client.closed, self.client.auto_reconnect_enabled = True, False
        self._test.sim.disturb("drop")
        threading.Thread(target=self.client.close, daemon=True).start()
