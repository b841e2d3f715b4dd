"""The parts of one simulated Slack, put together, and its addresses."""

import asyncio
import traceback

from aiohttp import web

from . import page
from .clock import Clock
from .control import Control
from .deliveries import Deliveries
from .errors import SlackError
from .events import Events
from .events_api import EventsAPI
from .faults import Faults
from .file_store import FileStore
from .interactions import Interactions
from .journal import Journal
from .limits import Limits
from .messaging import Messaging
from .people import People
from .render import Render
from .responses import Responses
from .socket_mode import SocketMode
from .views import Views
from .web_api import WebAPI
from .world import World


class Simulator:
    def __init__(self, base_url="", seed=1):
        self.base_url, self._tasks = base_url, set()
        self.clock = Clock()
        self.journal = Journal(self.clock)
        self.world = World(self.clock, seed)
        self.render = Render(self.world, base_url)
        self.faults, self.limits = Faults(self.journal), Limits(self.clock)
        self.deliveries = Deliveries(self.clock, self.journal, self.faults, self.spawn)
        self.events = Events(self.world, self.render, self.deliveries.submit, self.journal)
        self.messaging = Messaging(self.world, self.render, self.events, self.journal)
        self.ephemerals = {}  # ts -> Message, which only one person sees
        self.interactions, self.views, self.responses = Interactions(self), Views(self), Responses(self)
        self.people, self.files = People(self), FileStore(self)
        self.web_api = WebAPI(self)
        self.socket_mode = self.deliveries.socket_mode = SocketMode(self)
        self.events_api = self.deliveries.events_api = EventsAPI(self)
        self.control = Control(self)

    def set_base_url(self, url):
        self.base_url = self.render.base_url = url

    def spawn(self, work):
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task):
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            traceback.print_exception(task.exception())

    def guard(self, action, *arguments):
        """For what an app answered: its mistake is noted, as a person would see an error."""
        try:
            action(*arguments)
        except SlackError as error:
            self.journal.note("refused", reason=error.error, answer=error.body())

    def post_ephemeral(self, channel, message):
        self.ephemerals[message.ts] = message
        self.messaging.ephemeral(channel, message)

    def application(self):
        application = web.Application(client_max_size=1 << 31)
        add = application.router.add_route
        add("*", "/api/{method}", self.web_api.handle)
        add("GET", "/link/", self.socket_mode.handle)
        add("POST", "/actions/{team}/{number}/{secret}", self.responses.handle)
        add("POST", "/commands/{team}/{number}/{secret}", self.responses.handle)
        add("POST", "/upload/v1/{secret}", self.files.upload)
        add("GET", "/files-pri/{place}/{name}", self.files.download)
        add("GET", "/files-pri/{place}/download/{name}", self.files.download)
        add("GET", "/_slack/signin", self.files.sign_in)
        self.control.add_routes(application.router)
        page.add_routes(application.router)
        return application

    async def start(self):
        self.spawn(self.clock.run())

    async def stop(self):
        for connection in list(self.socket_mode.connections):
            connection.drop()
        for task in list(self._tasks):
            task.cancel()
        await self.events_api.close()
