# Another session's things. A second sandbox runs beside this one, holds a canary of its own, and serves it wherever two
# processes of one machine could meet; `neighbour` says where.

NEIGHBOUR = GIVEN["neighbour"]
# Written backwards, or it would be found in this very command.
CANARY = NEIGHBOUR["canary"][::-1]


def serve_stream(family, address):
    server = socket.socket(family, socket.SOCK_STREAM)
    server.bind(address)
    server.listen(1)
    return server


def said_by(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(2)
        try:
            s.connect(address)
            return "connected"
        except OSError as error:
            return named(error.errno)


def found_in(top, wanted):
    """Whether a file below `top` has it as a name or in what it holds."""
    seen = subprocess.run(
        ["grep", "-rlsF", "-D", "skip", "--", wanted, top], capture_output=True, text=True, timeout=8).stdout.split()
    return seen + subprocess.run(
        ["find", top, "-name", f"*{wanted}*"], capture_output=True, text=True, timeout=8).stdout.split()


@probe("tenant.user")
def _():
    own, theirs = os.getuid(), NEIGHBOUR["uid"]
    return own != theirs and os.getgid() != theirs, own == os.geteuid(), f"{own} here, {theirs} there"


@probe("tenant.volume")
def _():
    path = f"{GIVEN['folder']}/own-canary"
    with open(path, "w") as file:
        file.write("own" + GIVEN["mark"])
    control = path in found_in("/workspace", "own" + GIVEN["mark"])
    os.unlink(path)
    found = [f for top in ("/workspace", "/tmp", "/dev/shm", "/run") for f in found_in(top, CANARY)]
    return not found, control, " ".join(found) or "not found"


@probe("tenant.volume_by_name")
def _():
    other, codes = NEIGHBOUR["session"], {}
    for path in (f"/workspace/session/../{other}", f"/workspace/session/../session/{other}/canary", f"/workspace/{other}",
            f"/proc/1/root/workspace/session/../{other}", f"{NEIGHBOUR['root']}/session/{other}/canary", f"{NEIGHBOUR['root']}/session"):
        codes[path] = opened(path, os.O_RDONLY)
    held = [path for path, code in codes.items() if code == 0]
    return not held, opened("/workspace/session", os.O_RDONLY) == 0, " ".join(held) or "none of them is there"


@probe("tenant.planted_link")
def _():
    """A link to where it would be, followed from here."""
    path = f"{GIVEN['folder']}/link-{os.getpid()}"
    codes = []
    for target in (f"{NEIGHBOUR['root']}/session/{NEIGHBOUR['session']}/canary", f"../{NEIGHBOUR['session']}/canary"):
        os.symlink(target, path)
        codes.append(opened(path, os.O_RDONLY))
        os.unlink(path)
    os.symlink("/etc/hosts", path)
    control = opened(path, os.O_RDONLY) == 0
    os.unlink(path)
    return 0 not in codes, control, " ".join(named(c) for c in codes)


@probe("tenant.processes")
def _():
    seen = []
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                if CANARY.encode() in read(f"/proc/{pid}/cmdline") + read(f"/proc/{pid}/environ"):
                    seen.append(pid)
            except OSError:
                pass
    control = in_child(lambda: b"python3" in read(f"/proc/{os.getppid()}/cmdline")) is True
    return not seen, control, " ".join(seen) or "not seen"


@probe("tenant.signals")
def _():
    # The number it has on the host would be some other process here, so every one that is not ours is asked.
    ours = set(p for p in os.listdir("/proc") if p.isdigit())
    reached = []
    for pid in [NEIGHBOUR["pid"]]:
        if str(pid) in ours:
            continue
        try:
            os.kill(pid, 0)
        except OSError:
            continue
        # One of ours may have come to have that number in this moment: whatever is in sight is in our own namespace.
        if not os.path.exists(f"/proc/{pid}"):
            reached.append(str(pid))
    os.kill(os.getpid(), 0)
    users = {os.stat(f"/proc/{p}").st_uid for p in ours if os.path.exists(f"/proc/{p}")}
    return not reached and NEIGHBOUR["uid"] not in users, os.getuid() in users, " ".join(reached) or "none of its is here"


@probe("tenant.loopback")
def _():
    with serve_stream(socket.AF_INET, ("127.0.0.1", 0)) as server:
        control = said_by(socket.AF_INET, server.getsockname()) == "connected"
    seen = said_by(socket.AF_INET, ("127.0.0.1", NEIGHBOUR["port"]))
    return seen == "ECONNREFUSED", control, seen


@probe("tenant.abstract_socket")
def _():
    with serve_stream(socket.AF_UNIX, "\0own" + GIVEN["mark"]):
        control = said_by(socket.AF_UNIX, "\0own" + GIVEN["mark"]) == "connected"
    seen = said_by(socket.AF_UNIX, "\0" + CANARY)
    return seen == "ECONNREFUSED", control, seen


@probe("tenant.socket")
def _():
    """The doors of others: none of them is here, and this session's own cannot be put in their place."""
    path = f"{SCRATCH}/own.sock"
    with serve_stream(socket.AF_UNIX, path):
        control = said_by(socket.AF_UNIX, path) == "connected"
    os.unlink(path)
    tried = ["/run/bulkhead/model.sock", f"{NEIGHBOUR['doors']}", "/run/bulkhead/../model.sock"]
    reached = [p for p in tried if said_by(socket.AF_UNIX, p) == "connected"]
    try:
        os.mkdir("/run/bulkhead") if not os.path.isdir("/run/bulkhead") else None
        serve_stream(socket.AF_UNIX, "/run/bulkhead/drill.sock").close()
        os.unlink("/run/bulkhead/drill.sock")
        reached.append("a socket was made among the doors")
    except OSError:
        pass
    return not reached, control, " ".join(reached) or "none can be reached"


def shared_memory(key, make):
    """The segment of that key, or the error that says there is none to be seen."""
    ctypes.set_errno(0)
    found = LIBC.shmget(key, ctypes.c_size_t(4096), 0o600 | (0o3000 if make else 0))
    return (found, 0) if found >= 0 else (None, ctypes.get_errno())


@probe("tenant.shared_memory")
def _():
    own, _ = shared_memory(NEIGHBOUR["key"] ^ 1, True)
    control = own is not None and shared_memory(NEIGHBOUR["key"] ^ 1, False)[0] == own
    if own is not None:
        LIBC.shmctl(own, 0, None)
    # One that is closed to us is there all the same.
    code = shared_memory(NEIGHBOUR["key"], False)[1]
    seen = code != errno.ENOENT or os.path.exists(f"/dev/shm/{CANARY}")
    return not seen, control, f"it is here ({named(code)})" if seen else "not here"
