"""Stands between the broker and a Docker Engine, and changes what is asked of it: one hardening less for workspace
containers, for the drill to notice. Tests only: nothing of the product leads here.

    engine_rewriter.py SOCKET ENGINE-SOCKET PATCH-FILE

PATCH-FILE holds a JSON merge patch (RFC 7396) for the body of each container's creation, read anew each time. `null`
members of it are set to null rather than removed: an engine takes both for its default. Beside the body's own members it may
have `mounts`, which are added, and `mountPoints`: a merge patch for the mount at each of these places.
"""
import json
import os
import socket
import sys
import threading

listening, engine, patch_file = sys.argv[1:4]


def merge(value, patch):
    if not isinstance(patch, dict) or not isinstance(value, dict):
        return patch
    return {**value, **{key: merge(value.get(key), part) for key, part in patch.items()}}


def pump(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def request(client):
    """One request's head and body: the broker's client sends one on each connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65536)
        if not piece:
            return data
        data += piece
    head, body = data.split(b"\r\n\r\n", 1)
    lines = head.split(b"\r\n")
    if not (lines[0].startswith(b"POST ") and b"/containers/create" in lines[0]):
        return data
    length = next(int(l.split(b":")[1]) for l in lines if l.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += client.recv(65536)
    definition = json.loads(body)
    if definition.get("Labels", {}).get("bulkhead.part") == "workspace" and os.path.exists(patch_file):
        with open(patch_file) as file:
            patch = json.load(file)
        definition = merge(definition, {k: v for k, v in patch.items() if k not in ("mounts", "mountPoints")})
        kept = [merge(m, patch.get("mountPoints", {}).get(m["Target"], {})) for m in definition["HostConfig"].get("Mounts", [])]
        definition["HostConfig"]["Mounts"] = kept + patch.get("mounts", [])
    body = json.dumps(definition).encode()
    lines = [l for l in lines if not l.lower().startswith(b"content-length:")]
    return b"\r\n".join(lines + [b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body


def serve(client):
    server = socket.socket(socket.AF_UNIX)
    try:
        server.connect(engine)
        server.sendall(request(client))
    except OSError:
        client.close()
        return
    back = threading.Thread(target=pump, args=(server, client), daemon=True)
    back.start()
    pump(client, server)
    back.join()
    client.close()
    server.close()


door = socket.socket(socket.AF_UNIX)
if os.path.exists(listening):
    os.unlink(listening)
door.bind(listening)
door.listen(64)
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(door.accept()[0],), daemon=True).start()
