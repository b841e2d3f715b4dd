# What this installation must not hand to code: its keys and secrets. The harness gives each probe a canary of its own for
# the control; what the probe then finds anywhere is sent back, and the harness looks for the real ones in it.

# Written backwards, or it would be found in this very command.
CANARY = GIVEN["canary"][::-1]


def everything():
    """Every process's environment and command line, as far as they can be read."""
    found = b""
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            for name in ("environ", "cmdline"):
                try:
                    found += read(f"/proc/{pid}/{name}", 65536) + b"\n"
                except OSError:
                    pass
    return found


LIKELY = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "ANTHROPIC", "SLACK", "AWS_", "VAULT")


def likely(names):
    return [n for n in names if any(word in n.upper() for word in LIKELY)]


@probe("secrets.environment")
def _():
    control = likely(list(os.environ) + ["DRILL_SECRET"]) == ["DRILL_SECRET"] or "DRILL_CANARY" in os.environ
    found = likely(n for n in os.environ if n != "DRILL_CANARY")
    return not found, control and os.environ.get("DRILL_CANARY") == CANARY, " ".join(found) or "none"


@probe("secrets.processes")
def _():
    said = everything()
    names = [n.split(b"=")[0].decode("utf-8", "replace") for n in said.replace(b"\n", b"\0").split(b"\0") if b"=" in n]
    found = likely(n for n in names if n.isidentifier() and n != "DRILL_CANARY")
    return not found, CANARY.encode() in said, " ".join(found) or "none"


@probe("secrets.mounts")
def _():
    places = ("/run/secrets", "/run/credentials", "/var/run/secrets", "/etc/bulkhead", "/root", "/home", "/var/lib/bulkhead")
    found = [p for p in places if os.path.isdir(p) and readable(p)]
    points = [l.split()[4] for l in text("/proc/self/mountinfo").splitlines()]
    found += [p for p in points if likely([p]) and not p.startswith(("/proc/", "/sys/"))]
    return not found, readable("/etc") and "/proc" in points, " ".join(found) or "none"


def readable(path):
    try:
        return bool(os.listdir(path))
    except OSError:
        return False


@probe("secrets.files")
def _():
    """Files that look like keys, wherever this user can read."""
    path = f"{SCRATCH}/control.key"
    with open(path, "w") as file:
        file.write("-----BEGIN " + "PRIVATE KEY-----\nsk-ant-" + "drill\n")
    seen = subprocess.run(
        ["grep", "-rlsE", "-D", "skip", "--", "-----BEGIN [A-Z ]*PRIVATE KEY-----|sk-ant-[a-z0-9]|xox[abp]-|AKIA[0-9A-Z]{16}",
            "/tmp", "/run", "/etc", "/opt", "/workspace/global", "/workspace/session", "/dev/shm"],
        capture_output=True, text=True, timeout=8).stdout.split()
    os.unlink(path)
    return seen == [path], path in seen, " ".join(s for s in seen if s != path) or "none"


@probe("secrets.history")
def _():
    places = [os.path.expanduser("~") + "/" + n for n in (".bash_history", ".netrc", ".git-credentials", ".pypirc", ".npmrc",
        ".aws/credentials", ".docker/config.json", ".ssh/id_rsa", ".ssh/id_ed25519", ".config/gh/hosts.yml")]
    found = [p for p in places if opened(p, os.O_RDONLY) == 0]
    return not found, opened("/etc/hosts", os.O_RDONLY) == 0, " ".join(found) or "none"
