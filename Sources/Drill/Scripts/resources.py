# What one sandbox can take. Each limit is read first, and passed only where there is one: without a limit nothing is
# tried, for then the host would pay.

GROUPS = "/sys/fs/cgroup"


def limit(*names):
    """Of this container's control group, by its name in the second version or the first; None where there is none."""
    for name in names:
        try:
            value = text(f"{GROUPS}/{name}").split()[0]
        except (OSError, IndexError):
            continue
        # The first version writes the largest number it has.
        return None if value == "max" or int(value) >= 1 << 62 else int(value)
    return None


def processes():
    return limit("pids.max", "pids/pids.max")


def memory():
    return limit("memory.max", "memory/memory.limit_in_bytes")


def swap():
    """What may lie on disk besides."""
    both = limit("memory/memory.memsw.limit_in_bytes")
    return limit("memory.swap.max") or 0 if both is None else both - (memory() or 0)


def processors():
    try:
        quota, period = text(f"{GROUPS}/cpu.max").split()
    except (OSError, ValueError):
        quota, period = limit("cpu/cpu.cfs_quota_us") or -1, limit("cpu/cpu.cfs_period_us") or 1
    return None if quota in ("max", -1) else int(quota) / int(period)


@probe("resources.fork_bomb")
def _():
    most = processes()
    if most is None or most > 100_000:
        return False, True, "the number of processes is not limited"
    children, code = [], 0
    while len(children) <= most:
        try:
            child = os.fork()
        except OSError as error:
            code = error.errno
            break
        if child == 0:
            signal.pause()
            os._exit(0)
        children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return code == errno.EAGAIN, len(children) > 4, f"stopped at {len(children)} of at most {most}"


@probe("resources.threads")
def _():
    import threading
    most = processes()
    if most is None or most > 100_000:
        return False, True, "the number of threads is not limited"
    def attempt():
        threading.stack_size(65536)
        gate, count = threading.Event(), 0
        while count <= most:
            try:
                threading.Thread(target=gate.wait, daemon=True).start()
                count += 1
            except RuntimeError:
                return [True, count]
        return [False, count]
    refused, count = in_child(attempt) or (False, 0)
    return refused, count > 4, f"stopped at {count} of at most {most}"


@probe("resources.memory")
def _():
    most = memory()
    if most is None or most > 1 << 40:
        return False, True, "memory is not limited"
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        held, step = [], 16 << 20
        while sum(map(len, held)) <= most:
            held.append(bytearray(b"x") * step)
            os.write(writer, b"x")
        os._exit(7)
    os.close(writer)
    taken = 0
    while piece := os.read(reader, 4096):
        taken += len(piece) * 16
    _, end = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(end) and os.WTERMSIG(end) == signal.SIGKILL
    control = len(bytearray(b"x") * (8 << 20)) == 8 << 20
    return (killed or end != 7 << 8) and swap() == 0 and taken <= most >> 20, control and taken > 0, \
        f"stopped at {taken} of at most {most >> 20} MiB, swap {swap()}"


@probe("resources.processors")
def _():
    allowed = processors()
    if allowed is None:
        return False, True, "processor time is not limited"
    # As many as there are processors, and one more; what they got is what counts.
    workers, began = [], time.monotonic()
    for _ in range(int(allowed) + 1):
        child = os.fork()
        if child == 0:
            while time.monotonic() < began + 1:
                pass
            os._exit(0)
        workers.append(child)
    used = sum(sum(os.wait4(child, 0)[2][:2]) for child in workers)
    spent = used / (time.monotonic() - began)
    return spent <= allowed * 1.2 + 0.2, used > 0.1, f"{spent:.1f} of at most {allowed:.1f} processors"


@probe("resources.file_size")
def _():
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    path = f"{GIVEN['folder']}/drill-size-{os.getpid()}"
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if most == resource.RLIM_INFINITY:
        return False, True, "the size of a file is not limited"
    with open(path, "wb") as file:
        try:
            # Sparse: nothing is written but the length.
            os.truncate(file.fileno(), most + 1)
            code = 0
        except OSError as error:
            code = error.errno
        os.truncate(file.fileno(), 1 << 20)
        control = os.fstat(file.fileno()).st_size == 1 << 20
    os.unlink(path)
    return code == errno.EFBIG, control, f"at most {most >> 20} MiB: {named(code)}"


@probe("resources.temporary_files")
def _():
    """/tmp lies in memory, and is counted there."""
    size = os.statvfs(SCRATCH)
    most, held = size.f_blocks * size.f_frsize, memory()
    if held is None or most > held:
        return False, True, f"{SCRATCH} may take {most >> 20} MiB, more than the container's memory"
    path = f"{SCRATCH}/drill-full-{os.getpid()}"
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    written, code = 0, 0
    with open(path, "wb", buffering=0) as file:
        try:
            while written <= most:
                written += file.write(bytes(4 << 20))
        except OSError as error:
            code = error.errno
    os.unlink(path)
    return code in (errno.ENOSPC, errno.EFBIG), written > 1 << 20 and writing_works(), \
        f"stopped at {written >> 20} of at most {most >> 20} MiB"


@probe("resources.inodes")
def _():
    most = os.statvfs(SCRATCH).f_files
    if not 0 < most <= 1_000_000:
        return False, True, f"{SCRATCH} may hold {most or 'any number of'} files"
    folder, made, code = f"{SCRATCH}/drill-many-{os.getpid()}", 0, 0
    os.mkdir(folder)
    place = os.open(folder, os.O_RDONLY)
    while made <= most:
        try:
            os.close(os.open(str(made), os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=place))
            made += 1
        except OSError as error:
            code = error.errno
            break
    for name in range(made):
        os.unlink(str(name), dir_fd=place)
    os.close(place)
    os.rmdir(folder)
    return code in (errno.ENOSPC, errno.ENOMEM), made > 100, f"stopped at {made} of at most {most} files"


@probe("resources.open_files")
def _():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most[1] > 1 << 17:
        return False, True, f"a process may open {most[1]} files"
    held, code = [], 0
    while len(held) <= most[1]:
        try:
            held.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as error:
            code = error.errno
            break
    for descriptor in held:
        os.close(descriptor)
    return code == errno.EMFILE, len(held) > 16, f"stopped at {len(held)} of at most {most[1]}"


@probe("resources.raise_limits")
def _():
    """Nobody gives himself more."""
    raised = []
    for name in ("NOFILE", "FSIZE", "CORE", "NICE", "RTPRIO", "MEMLOCK"):
        kind = getattr(resource, "RLIMIT_" + name)
        soft, hard = resource.getrlimit(kind)
        try:
            if hard != resource.RLIM_INFINITY:
                resource.setrlimit(kind, (hard + 1, hard + 1))
                raised.append(name)
        except (ValueError, OSError):
            pass
    for name in ("memory.max", "pids.max", "cpu.max", "memory.swap.max", "cgroup.procs", "cgroup.subtree_control",
            "memory/memory.limit_in_bytes", "pids/pids.max", "cpu/cpu.cfs_quota_us", "memory/cgroup.procs"):
        if opened(f"{GROUPS}/{name}", os.O_WRONLY) == 0:
            raised.append(name)
    try:
        os.nice(-1)
        raised.append("priority")
    except OSError:
        pass
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    return not raised, resource.getrlimit(resource.RLIMIT_NOFILE)[0] == soft - 1, " ".join(raised) or "none could be raised"


@probe("resources.core_dump")
def _():
    before = set(os.listdir(SCRATCH))
    def crash():
        os.chdir(SCRATCH)
        os.kill(os.getpid(), signal.SIGSEGV)
    in_child(crash)
    made = [n for n in set(os.listdir(SCRATCH)) - before if "core" in n]
    return resource.getrlimit(resource.RLIMIT_CORE)[1] == 0 and not made, writing_works(), " ".join(made) or "none"
