#!/usr/bin/env python3
"""A server of files for tests of the network door. Standard library only.

    files_server.py DIRECTORY [CERTIFICATE]

Prints `listening on PORT` (and `tls on PORT`, where CERTIFICATE, a PEM file with its key, is given) and serves DIRECTORY
on 127.0.0.1 until its standard input closes. `/slow` sends a byte every 50 ms until the client goes. Each thing that
happens is a line: `begin PATH`, `end PATH`, `names NAME` (the SNI of a TLS connection).
"""

import os
import ssl
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


def say(text):
    print(text, flush=True)


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        say(f"begin {self.path}")
        try:
            if self.path == "/slow":
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                for _ in range(2400):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.05)
            else:
                super().do_GET()
        except OSError:
            self.close_connection = True
        finally:
            say(f"end {self.path}")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def main():
    handler = partial(Handler, directory=sys.argv[1])
    plain = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=plain.serve_forever, daemon=True).start()
    say(f"listening on {plain.server_address[1]}")
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])
        context.sni_callback = lambda _socket, name, _context: say(f"names {name}")
        secure = Server(("127.0.0.1", 0), handler)
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        threading.Thread(target=secure.serve_forever, daemon=True).start()
        say(f"tls on {secure.server_address[1]}")
    sys.stdin.read()


if __name__ == "__main__":
    main()
