"""Scenarios in Python: starts a simulator, acts as people, waits for what the app does. Standard library only."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slack_simulator.py")
COMPANY = {
    "users": ["ada", "ben", "cleo"],
    "apps": [{"name": "helper", "commands": ["/helper"]}],
    "channels": [{"name": "general", "members": ["ada", "ben", "cleo"], "apps": ["helper"]}],
}


class Refused(Exception):
    """The control API said no."""


class Scenario:
    """`with Scenario() as s:` or, for other Slacks than COMPANY, `with Scenario({"users": [...], ...}) as s:`."""

    def __init__(self, world=None, options=()):
        self._process = subprocess.Popen(
            [sys.executable, PROGRAM, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        lines = iter(self._process.stdout.readline, "")
        line = next((line for line in lines if line.startswith("listening on ")), None)
        if line is None:
            raise RuntimeError(f"the simulator does not start (status {self._process.wait()})")
        self.url = line.split()[2]
        self.context = None  # an ssl.SSLContext, where the simulator has a certificate
        self._world = world

    def build(self):
        if self._world is not False:
            self.world(self._world or COMPANY)
        return self

    def __enter__(self):
        return self.build()

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    # --- Control ----------------------------------------------------------------------------------------------------

    def request(self, verb, path, body=None, query=None, seconds=60):
        url = f"{self.url}/_sim/{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=seconds, context=self.context) as response:
                content = response.read()
                return json.loads(content) if response.headers.get_content_type() == "application/json" else content
        except urllib.error.HTTPError as error:
            answer = json.loads(error.read() or b"{}")
            if error.code == 408:
                return answer
            raise Refused(answer.get("error", str(error))) from None

    def world(self, description=None):
        """Adds to the world, or shows it: ids, tokens, members."""
        return self.request("POST" if description else "GET", "world", description)

    @property
    def base_url(self):
        return f"{self.url}/api/"

    def app(self, name=None):
        apps = self.world()["apps"]
        return apps[name] if name else next(iter(apps.values()))

    def change_app(self, name, **changes):
        return self.request("POST", f"apps/{name}", changes)

    def change_user(self, name, **changes):
        self.request("POST", f"users/{name}", changes)

    def change_channel(self, name, **changes):
        self.request("POST", f"channels/{name}", changes)

    def channel(self, name, members=("ada", "ben"), apps=("helper",), **fields):
        """A channel of a test's own; its id."""
        self.world({"channels": [{"name": name, "members": list(members), "apps": list(apps), **fields}]})
        return self.world()["channels"][name]["id"]

    def person(self, name):
        return Person(self, name)

    # --- What happened ----------------------------------------------------------------------------------------------

    def mark(self):
        """Where the journal is now: to be given as `after` to what is waited for."""
        return self.request("GET", "journal", query={"after": 1 << 40})["last"]

    def journal(self, kind=None, after=0):
        return self.request("GET", "journal", query={"after": after, **({"kind": kind} if kind else {})})["entries"]

    def wait(self, kind, count=1, after=0, seconds=10, **where):
        """The `count`th entry that matches. A name with __ goes deeper: payload__event__type="message"."""
        conditions = {name.replace("__", "."): value for name, value in where.items()}
        body = {"kind": kind, "where": conditions, "count": count, "after": after, "seconds": seconds}
        found = self.request("POST", "wait", body, seconds=seconds + 30)["entries"]
        if len(found) < count:
            recent = [f"{e['seq']} {e['kind']} {json.dumps(e)[:300]}" for e in self.journal(after=after)[-15:]]
            raise AssertionError(f"{len(found)} of {count} {kind} with {conditions}; last:\n" + "\n".join(recent))
        return found[count - 1]

    def messages(self, channel, thread=None, user=None):
        query = {"channel": channel, **({"thread": thread} if thread else {}), **({"user": user} if user else {})}
        return self.request("GET", "messages", query=query)["messages"]

    def state(self, channel):
        return self.request("GET", "channel", query={"channel": channel})

    def views(self, user):
        return self.request("GET", "views", query={"user": user})

    def file(self, file_id):
        return self.request("GET", "file", query={"id": file_id})

    # --- Trouble ----------------------------------------------------------------------------------------------------

    def fault(self, **rule):
        return self.request("POST", "faults", rule)["id"]

    def no_faults(self):
        self.request("DELETE", "faults")

    def limits(self, **change):
        self.request("POST", "limits", change)

    def connections(self):
        return self.request("GET", "connections")["connections"]

    def disturb(self, do, **how):
        return self.request("POST", "connections", {"do": do, **how})

    def advance(self, seconds):
        return self.request("POST", "clock", {"advance": seconds})

    def freeze(self):
        self.request("POST", "clock", {"frozen": True})

    def thaw(self):
        self.request("POST", "clock", {"frozen": False})

    def run_at(self, rate):
        self.request("POST", "clock", {"rate": rate})


class Person:
    def __init__(self, scenario, name):
        self.scenario, self.name = scenario, name

    def does(self, verb, **what):
        return self.scenario.request("POST", "act", {"user": self.name, "do": verb, **what})

    def says(self, channel, text, thread=None, **more):
        """The `ts` of the message."""
        where = {"thread": thread} if thread else {}
        return self.does("post", channel=channel, text=text, **where, **more)["ts"]

    def clicks(self, channel, ts, action, **more):
        return self.does("click", channel=channel, ts=ts, action=action, **more)

    def submits(self, view, values=None, **more):
        return self.does("submit", view=view, values=values or {}, **more)

    def commands(self, channel, command, text="", **more):
        return self.does("command", channel=channel, command=command, text=text, **more)
