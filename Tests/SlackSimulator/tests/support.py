"""What the tests share: a simulator for each class, SDK clients for its app."""

import os
import sys
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

from slack_sdk import WebClient  # noqa: E402
from slack_sdk.errors import SlackApiError  # noqa: E402

from scenario import Scenario  # noqa: E402


class SimulatorTestCase(unittest.TestCase):
    """One simulator for the class. Tests take channels of their own, so that they cannot disturb each other."""

    world = None
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.sim = Scenario(cls.world, cls.options)
        cls.addClassCleanup(cls.sim.stop)
        cls.sim.build()
        app = cls.sim.app()
        cls.app, cls.client = app, cls.client_of(app["bot_token"])

    @classmethod
    def client_of(cls, token, **options):
        # Without retry handlers: where an SDK tries again, a test says so.
        return WebClient(
            token=token, base_url=cls.sim.base_url, retry_handlers=options.pop("retry_handlers", []), **options
        )

    def setUp(self):
        self.ada, self.ben = self.sim.person("ada"), self.sim.person("ben")
        self.name = self.id().rpartition(".")[2].replace("_", "-").lower()[:70]
        self.addCleanup(self.sim.no_faults)

    def channel(self, **fields):
        return self.sim.channel(self.name, **fields)

    def refused(self, error, call, *arguments, **options):
        """The answer with which Slack refused the call."""
        with self.assertRaises(SlackApiError) as caught:
            call(*arguments, **options)
        self.assertEqual(caught.exception.response["error"], error, caught.exception.response.data)
        return caught.exception.response
