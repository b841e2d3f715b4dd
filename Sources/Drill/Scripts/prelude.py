# What all of the drill's probes share. Runs inside a workspace container, as a command of the tool `bash`.
#
# A probe never does harm where it gets through: it opens for writing and writes nothing, asks the kernel for the way to
# an address before it would send anything there, and takes back what it made.
import ctypes, errno, fcntl, json, os, platform, resource, signal, socket, stat, struct, subprocess, sys, time

GIVEN = json.loads(ORDERS)
NONCES = GIVEN.get("nonces", {})
LIBC = ctypes.CDLL(None, use_errno=True)
SHUT = (errno.EPERM, errno.ENOSYS, errno.EACCES)
SCRATCH = "/tmp"

X86 = dict(getpid=39, clone=56, ptrace=101, syslog=103, personality=135, pivot_root=155, chroot=161, acct=163, mount=165,
    umount2=166, swapon=167, reboot=169, sethostname=170, iopl=172, init_module=175, clock_settime=227, kexec_load=246,
    add_key=248, keyctl=250, unshare=272, perf_event_open=298, name_to_handle_at=303, open_by_handle_at=304, setns=308,
    process_vm_readv=310, kcmp=312, finit_module=313, bpf=321, userfaultfd=323, io_uring_setup=425, open_tree=428,
    fsopen=430, clone3=435, pidfd_getfd=438, memfd_secret=447)
ARM = dict(getpid=172, clone=220, ptrace=117, syslog=116, personality=92, pivot_root=41, chroot=51, acct=89, mount=40,
    umount2=39, swapon=224, reboot=142, sethostname=161, init_module=105, clock_settime=112, kexec_load=104,
    add_key=217, keyctl=219, unshare=97, perf_event_open=241, name_to_handle_at=264, open_by_handle_at=265, setns=268,
    process_vm_readv=270, kcmp=272, finit_module=273, bpf=280, userfaultfd=282, io_uring_setup=425, open_tree=428,
    fsopen=430, clone3=435, pidfd_getfd=438, memfd_secret=447)
CALLS = ARM if platform.machine() == "aarch64" else X86

PROBES = {}


def probe(name):
    """A function that returns whether it was refused, whether its control worked, and what it saw."""
    def add(body):
        PROBES[name] = body
        return body
    return add


def call(name, *arguments):
    """A system call by number: its result, and the name of its error."""
    ctypes.set_errno(0)
    result = LIBC.syscall(ctypes.c_long(CALLS[name]), *[
        ctypes.c_char_p(a) if isinstance(a, bytes) else ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return result, ctypes.get_errno()


def calls_work():
    return call("getpid")[0] == os.getpid()


def named(code):
    return errno.errorcode.get(code, str(code))


def read(path, limit=1 << 20):
    with open(path, "rb") as file:
        return file.read(limit)


def text(path):
    return read(path).decode("utf-8", "replace")


def opened(path, flags):
    """0, or the error of opening. Nothing is read or written."""
    try:
        os.close(os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY))
        return 0
    except OSError as error:
        return error.errno


def writing_works():
    """Opening something of one's own for writing, the neighbour of every refused opening."""
    path = f"{SCRATCH}/control-{os.getpid()}"
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        return opened(path, os.O_WRONLY) == 0
    finally:
        if os.path.exists(path):
            os.unlink(path)


def in_child(body, seconds=5):
    """What `body` returns (small JSON), from a process of its own that may come to any end; None where it said nothing."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            signal.alarm(seconds)
            os.write(writer, json.dumps(body()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    said = b""
    while piece := os.read(reader, 65536):
        said += piece
    os.close(reader)
    os.waitpid(child, 0)
    return json.loads(said) if said else None


def say(name, refused, control, detail):
    # One write, or what several processes say gets mixed.
    line = json.dumps({"nonce": NONCES[name], "refused": bool(refused), "control": bool(control), "detail": detail[:200]})
    os.write(1, ("\n" + line + "\n").encode())


def run():
    for name, body in PROBES.items():
        if name not in NONCES:
            continue
        child = os.fork()
        if child == 0:
            # A group of its own, that nothing it starts outlives it.
            os.setpgid(0, 0)
            try:
                say(name, *body())
            except BaseException as error:
                say(name, False, False, f"the probe itself failed: {type(error).__name__}: {error}")
            os._exit(0)
        limit = time.monotonic() + GIVEN.get("seconds", 10)
        while os.waitpid(child, os.WNOHANG)[0] == 0:
            if time.monotonic() > limit:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                break
            time.sleep(0.002)
        try:
            os.killpg(child, signal.SIGKILL)
        except OSError:
            pass
