# What the harness says to the egress door, and what comes back: nothing is judged here.
import base64, ssl


def head_of(link):
    said = b""
    while b"\r\n\r\n" not in said and len(said) < 16384:
        piece = link.recv(4096)
        if not piece:
            break
        said += piece
    return said


def rest_of(link, enough):
    """What comes until the other side closes or falls silent, or it is enough; and whether it closed."""
    said = b""
    while len(said) < enough:
        try:
            piece = link.recv(4096)
        except TimeoutError:
            return said, False
        except OSError:
            return said, True
        if not piece:
            return said, True
        said += piece
    return said, False


def hello(name):
    """The first bytes of a TLS client that asks for `name`, or for no name at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    out = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name or None)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def exchange(order):
    said, more, ended, trouble = b"", b"", False, ""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(order["seconds"])
        try:
            link.connect("/run/bulkhead/egress.sock")
            link.sendall(base64.b64decode(order["send"]))
            if "hello" in order or "raw" in order:
                said = head_of(link)
                if said.split(b" ")[1:2] == [b"200"]:
                    link.sendall(hello(order["hello"]) if "hello" in order else base64.b64decode(order["raw"]))
                    more, ended = rest_of(link, order["enough"])
            else:
                said, ended = rest_of(link, 16384)
        except OSError as error:
            trouble = str(error)
    return {"nonce": order["nonce"], "said": base64.b64encode(said[:4000]).decode(),
        "more": base64.b64encode(more[:4000]).decode(), "ended": ended, "trouble": trouble}


for order in GIVEN["orders"]:
    os.write(1, ("\n" + json.dumps(exchange(order)) + "\n").encode())
