"""What requests of the assistant's meet: over TLS, on a port of its own. One line for each request into `requests` of a
folder, where its port stands too. The folder has server.pem (certificate and key).

    web_server.py FOLDER
"""

import gzip
import http.server
import json
import os
import ssl
import sys
import threading
import time

folder = sys.argv[1]
lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(size).decode("utf-8", "replace")
        seen = {
            "method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": body,
        }
        with lock, open(os.path.join(folder, "requests"), "a") as file:
            file.write(json.dumps(seen) + "\n")
        name = self.path.split("?")[0].strip("/")
        getattr(self, "do_" + name, self.do_echo)(seen)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

    def send(self, status, kind, body, **headers):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_echo(self, seen):
        self.send(200, "application/json", json.dumps(seen).encode(), set_cookie="session=1", x_request_id="r1")

    def do_redirect(self, seen):
        self.send(302, "text/plain", b"elsewhere", location="https://10.0.0.1/latest/meta-data")

    def do_html(self, seen):
        page = "<html><head><title>A page</title><style>x{}</style></head><body><script>alert(1)</script>" \
            "<h1>Head &amp; more</h1><p>Text <a href=\"https://other.test/x\">link</a></p></body></html>"
        self.send(200, "text/html; charset=utf-8", page.encode())

    def do_binary(self, seen):
        self.send(200, "image/png", b"\x89PNG\x00\x01\x02" * 100)

    def do_bomb(self, seen):
        self.send(200, "text/plain", gzip.compress(b"\0" * (200 << 20), 9), content_encoding="gzip")

    def endless(self, pause):
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("connection", "close")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * (10 if pause else 65536))
                time.sleep(pause)
        except OSError:
            with open(os.path.join(folder, "left"), "a") as file:
                file.write("left\n")
        self.close_connection = True

    def do_big(self, seen):
        self.endless(0)

    def do_drip(self, seen):
        self.endless(0.05)

    def do_silent(self, seen):
        time.sleep(600)

    def log_message(self, *words):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


server = Server(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(folder, "server.pem"))
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(os.path.join(folder, "port.new"), "w") as file:
    file.write(str(server.server_port))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
