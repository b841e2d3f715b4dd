# Ways out that need no door: there is loopback, and nothing else.

import fcntl

NOWHERE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT)
DOCUMENTATION, DOCUMENTATION6 = "192.0.2.1", "2001:db8::1"


def way(address, port=9, family=socket.AF_INET):
    """The error of connecting a datagram socket, which sends nothing: only the way is looked up. 0: there is one."""
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        return s.connect_ex((address, port))


def stream(address, port, family=socket.AF_INET):
    """The error of a connection. Tried only where there is no way, so that nothing leaves where a wall is missing."""
    code = way(address, port, family)
    if code == 0:
        return 0
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(2)
        return s.connect_ex((address, port))


def datagram(address, port, family=socket.AF_INET):
    code = way(address, port, family)
    if code == 0:
        return 0
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        try:
            s.sendto(b"drill", (address, port))
            return 0
        except OSError as error:
            return error.errno


def own_stream():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.socket() as s:
            s.settimeout(2)
            return way("127.0.0.1", port) == 0 and s.connect_ex(("127.0.0.1", port)) == 0


def own_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        server.bind(("127.0.0.1", 0))
        server.settimeout(2)
        s.sendto(b"drill", server.getsockname())
        return server.recvfrom(16)[0] == b"drill"


def unreachable(*codes):
    return all(c in NOWHERE for c in codes), " ".join(named(c) if c else "there is a way" for c in codes)


def interfaces():
    return [line.split(":")[0].strip() for line in text("/proc/net/dev").splitlines()[2:]]


def flags(name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        return struct.unpack("16sH22x", fcntl.ioctl(s, 0x8913, struct.pack("16s24x", name.encode())))[1]


@probe("network.tcp")
def _():
    refused, seen = unreachable(stream(DOCUMENTATION, 443))
    return refused, own_stream(), seen


@probe("network.udp")
def _():
    refused, seen = unreachable(datagram(DOCUMENTATION, 53))
    return refused, own_datagram(), seen


@probe("network.icmp")
def _():
    codes = []
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP) as s:
                if way(DOCUMENTATION) != 0:
                    s.sendto(b"\x08\x00\xf7\xff\x00\x00\x00\x00", (DOCUMENTATION, 0))
                codes.append(0)
        except OSError as error:
            codes.append(error.errno)
    refused, seen = unreachable(*codes)
    return refused, own_datagram(), seen


@probe("network.ipv6")
def _():
    refused, seen = unreachable(
        stream(DOCUMENTATION6, 443, socket.AF_INET6), datagram(DOCUMENTATION6, 53, socket.AF_INET6))
    return refused, own_stream(), seen


@probe("network.link_local")
def _():
    codes = [stream("169.254.1.1", 80)]
    for name in interfaces():
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            index = struct.unpack("16si20x", fcntl.ioctl(s, 0x8933, struct.pack("16s24x", name.encode())))[1]
            codes.append(s.connect_ex(("fe80::1", 9, 0, index)))
    refused, seen = unreachable(*codes)
    return refused, own_stream(), seen


@probe("network.metadata")
def _():
    refused, seen = unreachable(
        stream("169.254.169.254", 80), stream("fd00:ec2::254", 80, socket.AF_INET6), stream("100.100.100.200", 80))
    return refused, own_stream(), seen


@probe("network.private")
def _():
    refused, seen = unreachable(*(stream(a, 80) for a in ("10.0.0.1", "172.17.0.1", "192.168.0.1", "100.64.0.1")))
    return refused, own_stream(), seen


@probe("network.broadcast")
def _():
    refused, seen = unreachable(datagram("255.255.255.255", 9), datagram("224.0.0.251", 5353))
    return refused, own_datagram(), seen


@probe("network.host_loopback")
def _():
    # The harness listens there, and says whether anybody came.
    with socket.socket() as s:
        s.settimeout(2)
        code = s.connect_ex(("127.0.0.1", GIVEN["port"]))
    return code == errno.ECONNREFUSED, own_stream(), named(code) if code else "connected"


def answer_of(server, name, seconds=2):
    """Asks `server` for a name's address, as a resolver does; whether an answer came."""
    question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + b"".join(
        bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\x00\x00\x01\x00\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(seconds)
        try:
            s.connect(server)
            s.send(question)
            return s.recv(512)[:2] == b"\x12\x34"
        except OSError:
            return False


@probe("network.dns")
def _():
    name = GIVEN["name"]
    servers = [l.split()[1] for l in text("/etc/resolv.conf").splitlines() if l.startswith("nameserver")]
    def outside(server):
        return not (server.startswith("127.") or server == "::1")
    reachable = [s for s in servers
        if outside(s) and way(s, 53, socket.AF_INET6 if ":" in s else socket.AF_INET) == 0]
    if reachable:
        found = "a resolver can be reached"
    else:
        found = in_child(lambda: looked_up(name)) or "no answer"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        if os.fork() == 0:
            server.settimeout(3)
            question, client = server.recvfrom(512)
            server.sendto(question[:2] + b"\x81\x80" + question[4:], client)
            os._exit(0)
        control = answer_of(server.getsockname(), name)
        os.wait()
    return found in ("no answer", "EAI"), control, found


def looked_up(name):
    try:
        return "resolved to " + socket.getaddrinfo(name, 80)[0][4][0]
    except socket.gaierror:
        return "EAI"


@probe("network.interfaces")
def _():
    # What the kernel makes in every new network namespace by itself is down and leads nowhere.
    up = [name for name in interfaces() if flags(name) & 1]
    return [n for n in up if n != "lo"] == [], "lo" in up, " ".join(up)


@probe("network.routes")
def _():
    routes = text("/proc/net/route").splitlines()[1:]
    six = [l for l in text("/proc/net/ipv6_route").splitlines() if l.split()[-1] != "lo"] \
        if os.path.exists("/proc/net/ipv6_route") else []
    return not routes and not six, way("127.0.0.1") == 0, f"{len(routes)} of IPv4, {len(six)} of IPv6"


@probe("network.configure")
def _():
    # SIOCSIFFLAGS for a device that is not there: who may is told ENODEV.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            fcntl.ioctl(s, 0x8914, struct.pack("16sH22x", b"drill0", 1))
            code = 0
        except OSError as error:
            code = error.errno
    return code in SHUT, flags("lo") & 1 == 1, named(code)
