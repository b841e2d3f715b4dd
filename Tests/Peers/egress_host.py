"""A host on loopback, with and without TLS, for tests of clients behind the egress proxy.

Usage: egress_host.py FOLDER. The folder holds server.pem; the ports are written to FOLDER/ports once both listen. Ends with
its standard input.
"""

import http.server
import os
import ssl
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:%d/inside" % plain.server_port)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/headers":
            self.answer(str(self.headers).encode())
        elif self.path == "/large":
            self.answer(b"0123456789abcdef" * (1 << 18))
        else:
            self.answer(b"hello from " + self.path.encode())

    do_HEAD = do_GET

    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while True:
                size = int(self.rfile.readline(), 16)
                body += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    break
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b"%d bytes" % len(body))

    def log_message(self, *arguments):
        pass


folder = sys.argv[1]
plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(folder, "server.pem"))
secure.socket = context.wrap_socket(secure.socket, server_side=True)
for server in (plain, secure):
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(os.path.join(folder, "ports.new"), "w") as file:
    file.write("%d %d" % (plain.server_port, secure.server_port))
os.rename(os.path.join(folder, "ports.new"), os.path.join(folder, "ports"))
sys.stdin.read()
