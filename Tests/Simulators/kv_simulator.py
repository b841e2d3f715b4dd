"""The key/value engine (version 2) of a HashiCorp Vault or an OpenBao, as far as clients of one use it.

Usage: kv_simulator.py FILE   FILE: JSON with "token" and, to be read again at each request, "fault": one of none, sealed,
denied, missing, slow, huge, html, late_cas, redirect, standby, broken. Prints the port, then a line of JSON per request.
"""

import json
import sys
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

settings = sys.argv[1]
lock = threading.Lock()
secrets = {}


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def answer(data):
    return {
        "request_id": "00000000-0000-0000-0000-000000000000", "lease_id": "", "renewable": False,
        "lease_duration": 0, "data": data, "wrap_info": None, "warnings": None, "auth": None,
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def send(self, status, body=None, headers=()):
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def errors(self, status, *words):
        self.send(status, {"errors": list(words)})

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        with open(settings) as file:
            config = json.load(file)
        fault = config.get("fault", "none")
        print(json.dumps({
            "method": self.command, "path": self.path, "namespace": self.headers.get("X-Vault-Namespace"),
            "flagged": self.headers.get("X-Vault-Request"),
        }), flush=True)
        if fault == "sealed":
            return self.errors(503, "Vault is sealed")
        if fault == "standby":
            return self.errors(473)
        if fault == "broken":
            return self.errors(500, "internal error")
        if fault == "slow":
            time.sleep(4)
        if fault == "huge":
            return self.send(200, b"x" * (4 << 20))
        if fault == "html":
            return self.send(200, b"<html>hello</html>")
        if fault == "redirect":
            return self.send(307, b"", [("Location", "http://127.0.0.1:9/stolen")])
        if fault == "denied" or self.headers.get("X-Vault-Token") != config["token"]:
            return self.errors(403, "permission denied")
        path = self.path.split("?")[0]
        mount = "/v1/secret/"
        if not path.startswith(mount):
            return self.errors(404, "no handler for route")
        kind, _, name = path[len(mount):].partition("/")
        with lock:
            if fault == "late_cas" and self.command in ("POST", "PUT"):
                secrets.setdefault(name, []).append({"data": {"value": "another hand"}, "time": now()})
            self.route(kind, name, raw, fault)

    def route(self, kind, name, raw, fault):
        versions = secrets.get(name)
        if kind == "data" and self.command in ("POST", "PUT"):
            body = json.loads(raw)
            if not isinstance(body.get("data"), dict):
                return self.errors(400, "no data provided")
            cas = (body.get("options") or {}).get("cas")
            if cas is not None and cas != len(versions or []):
                return self.errors(400, "check-and-set parameter did not match the current version")
            secrets.setdefault(name, []).append({"data": body["data"], "time": now()})
            return self.send(200, answer(self.metadata(secrets[name][-1], len(secrets[name]))))
        if kind == "data" and self.command == "GET":
            if not versions or fault == "missing":
                return self.send(404, {"errors": []})
            last = versions[-1]
            return self.send(200, answer({"data": last["data"], "metadata": self.metadata(last, len(versions))}))
        if kind == "metadata" and self.command == "GET":
            if not versions:
                return self.send(404, {"errors": []})
            return self.send(200, answer({
                "cas_required": False, "created_time": versions[0]["time"], "updated_time": versions[-1]["time"],
                "current_version": len(versions), "oldest_version": 1, "max_versions": 0,
                "delete_version_after": "0s", "custom_metadata": None,
                "versions": {
                    str(index + 1): {"created_time": item["time"], "deletion_time": "", "destroyed": False}
                    for index, item in enumerate(versions)
                },
            }))
        if kind == "metadata" and self.command == "LIST":
            names = sorted(key[len(name):].lstrip("/") for key in secrets if key.startswith(name))
            return self.send(200, answer({"keys": names})) if names else self.send(404, {"errors": []})
        if kind == "metadata" and self.command == "DELETE":
            secrets.pop(name, None)
            return self.send(204)
        return self.errors(405, "unsupported operation")

    @staticmethod
    def metadata(item, version):
        return {
            "created_time": item["time"], "custom_metadata": None, "deletion_time": "", "destroyed": False,
            "version": version,
        }

    do_GET = do_POST = do_PUT = do_DELETE = do_LIST = handle_any


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
