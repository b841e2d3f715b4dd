"""Takes what the audit sends elsewhere: syslog on a Unix datagram socket, UDP and TCP, JSON over HTTPS. One line each into
files of a folder, where its ports stand too.

    audit_receiver.py FOLDER [TOKEN]

The folder has server.pem (certificate and key). While it has a file `down`, HTTPS answers 503.
"""

import http.server
import os
import re
import socket
import ssl
import sys
import threading

folder, token = sys.argv[1], (sys.argv[2:] + [None])[0]


def write(name, data):
    with open(os.path.join(folder, name), "ab") as file:
        file.write(data + b"\n")


def datagrams(sock):
    while True:
        write("syslog", sock.recv(65536))


def streams(listener):
    while True:
        connection, _ = listener.accept()
        data = b""
        while chunk := connection.recv(65536):
            data += chunk
        while data:  # RFC 6587: the count of octets, a space, the message
            count = re.match(rb"(\d+) ", data)
            end = count.end() + int(count[1])
            write("syslog-tcp", data[count.end() : end])
            data = data[end:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = 503 if os.path.exists(os.path.join(folder, "down")) else 204
        if token and self.headers["authorization"] != f"Bearer {token}":
            status = 401
        if status == 204:
            write("posted.jsonl", body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *words):
        pass


local = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
local.bind(os.path.join(folder, "log.sock"))
os.chmod(os.path.join(folder, "log.sock"), 0o666)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 0))
tcp = socket.create_server(("127.0.0.1", 0))
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(os.path.join(folder, "server.pem"))
server.socket = context.wrap_socket(server.socket, server_side=True)
for run, argument in [(datagrams, local), (datagrams, udp), (streams, tcp)]:
    threading.Thread(target=run, args=(argument,), daemon=True).start()
with open(os.path.join(folder, "ports.new"), "w") as file:
    file.write(f"{udp.getsockname()[1]} {tcp.getsockname()[1]} {server.server_address[1]}\n")
os.rename(os.path.join(folder, "ports.new"), os.path.join(folder, "ports"))
server.serve_forever()
