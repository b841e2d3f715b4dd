# Ways out of the container that need no network: privileges, namespaces, mounts, devices, the kernel's own interfaces.

def shut_call(identifier, name, *arguments, shut=SHUT, after=None):
    @probe(identifier)
    def _():
        result, code = call(name, *(a() if callable(a) else a for a in arguments))
        if result >= 0 and after:
            after(result)
        return result < 0 and code in shut, calls_work(), "it was let through" if result >= 0 else named(code)


def shut_in_child(identifier, name, *arguments, shut=SHUT):
    """For calls that would change this process where they are let through."""
    @probe(identifier)
    def _():
        result, code = in_child(lambda: call(name, *arguments)) or (0, 0)
        return result < 0 and code in shut, calls_work(), "it was let through" if result >= 0 else named(code)


def shut_socket(identifier, family, kind, protocol=0):
    @probe(identifier)
    def _():
        try:
            socket.socket(family, kind, protocol).close()
            code = 0
        except OSError as error:
            code = error.errno
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()
            control = True
        except OSError:
            control = False
        return code in (errno.EPERM, errno.EACCES), control, named(code) if code else "it was opened"


def shut_file(identifier, *paths, flags=os.O_WRONLY):
    """Opening is all that is tried: nothing is written."""
    @probe(identifier)
    def _():
        seen = {path: opened(path, flags) for path in paths}
        open_ones = [path for path, code in seen.items()
            if code not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT)]
        return not open_ones, writing_works(), " ".join(open_ones) or " ".join(sorted({named(c) for c in seen.values()}))


def status():
    return dict(line.split(":", 1) for line in text("/proc/self/status").splitlines() if ":" in line)


# Privileges

@probe("container.root")
def _():
    ids = set(os.getresuid() + os.getresgid() + tuple(os.getgroups()))
    codes = []
    for take in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])):
        def attempt():
            try:
                take()
                return 0
            except OSError as error:
                return error.errno
        codes.append(in_child(attempt))
    return 0 not in ids and all(c in SHUT for c in codes), os.getresuid()[0] == os.getuid(), f"ids {sorted(ids)}"


@probe("container.capabilities")
def _():
    held = {k: v.strip() for k, v in status().items() if k.startswith("Cap")}
    # Every one of them is tried for: into the ambient set, from where programs would inherit it.
    raised = [c for c in range(41) if LIBC.prctl(47, 2, c, 0, 0) == 0]
    none = all(int(v, 16) == 0 for v in held.values())
    return none and not raised, len(held) == 5, "none" if none else str(held)


@probe("container.no_new_privileges")
def _():
    programs = subprocess.run(
        ["find", "/", "-xdev", "-perm", "/6000", "-type", "f"], capture_output=True, text=True).stdout.split()
    kept = LIBC.prctl(39, 0, 0, 0, 0) == 1
    known = subprocess.run(["find", "/bin/sh", "/usr/bin/env"], capture_output=True, text=True).stdout.split()
    return kept and not programs, len(known) == 2, f"no_new_privs {int(kept)}, set-id programs: {programs[:3]}"


@probe("container.unfiltered")
def _():
    mode = status()["Seccomp"].strip()
    result, code = call("personality", 0x0040000)
    return mode == "2" and result < 0 and code in SHUT, call("personality", 0xFFFFFFFF)[0] >= 0, f"mode {mode}"


# Files of the image and of the host

@probe("container.read_only_root")
def _():
    codes = {}
    for folder in ("/", "/etc", "/usr/bin", "/opt/bulkhead/bin", "/workspace", "/var/tmp"):
        if os.path.isdir(folder):
            codes[folder] = opened(f"{folder}/drill-{os.getpid()}", os.O_WRONLY | os.O_CREAT)
            if codes[folder] == 0:
                os.unlink(f"{folder}/drill-{os.getpid()}")
    # The root's own flag, for a user that may not write there in any case would learn no more.
    sealed = os.statvfs("/").f_flag & os.ST_RDONLY
    refused = sealed and all(c in (errno.EROFS, errno.EACCES, errno.EPERM) for c in codes.values())
    return refused, writing_works(), " ".join(f"{k} {named(v)}" for k, v in codes.items())


@probe("container.engine_socket")
def _():
    found = [p for p in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock",
        "/run/podman/podman.sock", "/run/crio/crio.sock") if os.path.exists(p)]
    found += sockets("/")
    doors = {"/run/bulkhead/egress.sock"}
    path = f"{SCRATCH}/control.sock"
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        control = path in sockets(SCRATCH)
        os.unlink(path)
    others = sorted(set(found) - doors)
    return not others, control, " ".join(others) or "none"


def sockets(top):
    return subprocess.run(["find", top, "-path", "/proc", "-prune", "-o", "-path", "/sys", "-prune", "-o", "-type", "s",
        "-print"], capture_output=True, text=True).stdout.split()


@probe("container.inherited_descriptors")
def _():
    def kinds():
        found = {}
        for name in os.listdir("/proc/self/fd"):
            try:
                found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
            except OSError:
                pass
        return found
    # Three for the streams; the folder that is being listed is gone by the time its link is read. The shell of the tool
    # has one pipe more, to write its own state to: what a command says there is said of its own session.
    extra = {n: k for n, k in kinds().items() if n > 2}
    own = [n for n, k in extra.items() if n >= 10 and k.startswith("pipe:")
           and fcntl.fcntl(n, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY]
    if len(own) == 1:
        del extra[own[0]]
    with open("/dev/null") as file:
        control = file.fileno() in kinds()
    return not extra, control, " ".join(extra.values()) or "none"


shut_file("container.runtime_binary", "/proc/1/exe", "/proc/self/exe", "/sbin/docker-init", "/opt/bulkhead/bin/bulkhead-agent")
shut_file("container.core_pattern", "/proc/sys/kernel/core_pattern")
shut_file("container.sysrq", "/proc/sysrq-trigger")
shut_file("container.kernel_settings", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname", "/proc/sys/fs/binfmt_misc/register",
    "/proc/sys/vm/overcommit_memory", "/sys/kernel/uevent_helper", "/sys/power/state", "/proc/sys/kernel/ns_last_pid")
shut_file("container.devices", "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/fuse", "/dev/kvm", "/dev/net/tun",
    "/dev/vhost-net", "/dev/loop-control", "/dev/sda", "/dev/vda", "/dev/nvme0n1", flags=os.O_RDONLY)


@probe("container.kernel_memory")
def _():
    seen = []
    for path in ("/proc/kcore", "/proc/kmsg", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware/acpi/tables/DSDT"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            if os.read(descriptor, 1):
                seen.append(path)
            os.close(descriptor)
        except OSError:
            pass
    return not seen, len(read("/proc/version", 1)) == 1, " ".join(seen) or "nothing could be read"


@probe("container.block_device_node")
def _():
    return node(stat.S_IFBLK, os.makedev(8, 0))


@probe("container.device_node")
def _():
    return node(stat.S_IFCHR, os.makedev(1, 1))


def node(kind, device):
    # Made and taken away again; never opened.
    path = f"{SCRATCH}/node-{os.getpid()}"
    codes = []
    for make in (lambda: os.mknod(path, kind | 0o600, device), lambda: os.mkfifo(path)):
        try:
            make()
            os.unlink(path)
            codes.append(0)
        except OSError as error:
            codes.append(error.errno)
    # mknod is shut altogether, so the neighbour is a plain file.
    return codes[0] in SHUT, writing_works(), named(codes[0]) if codes[0] else "it was made"


@probe("container.mounts")
def _():
    """Nothing of the host but what is known."""
    known = {"/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/sbin/docker-init", "/usr/sbin/docker-init", "/run/bulkhead",
        "/workspace"}
    kernel = {"proc", "tmpfs", "devpts", "sysfs", "cgroup2", "cgroup", "mqueue", "overlay", "devtmpfs"}
    strange, loose = [], []
    for line in text("/proc/self/mountinfo").splitlines():
        left, right = line.split(" - ")
        point, options, kind = left.split()[4], set(left.split()[5].split(",")), right.split()[0]
        if point in known or point.startswith("/workspace/"):
            if point.startswith("/workspace/") and not {"nosuid", "nodev"} <= options:
                loose.append(point)
            if point in ("/workspace/global", "/workspace/group", "/run/bulkhead") and "ro" not in options:
                loose.append(point)
        elif kind not in kernel or (kind in ("overlay", "devtmpfs") and point not in ("/",)):
            strange.append(point)
    return not strange and not loose, os.path.ismount("/proc"), " ".join(strange + loose) or "as they should be"


@probe("container.dot_dot")
def _():
    def place(path):
        about = os.stat(path)
        return about.st_dev, about.st_ino
    root = place("/")
    others = []
    for path in ("/" + "../" * 40, "/proc/1/root/", "/proc/self/root/", "/proc/1/cwd/" + "../" * 40, "/workspace/" + "../" * 40):
        try:
            if place(path) != root:
                others.append(path[:24])
        except OSError:
            pass
    return not others, place("/etc") != root, " ".join(others) or "every way up ends at the container's own root"


# Namespaces and mounts

for identifier, flag in (("user", 0x10000000), ("mount", 0x20000), ("network", 0x40000000), ("process", 0x20000000),
        ("ipc", 0x08000000), ("cgroup", 0x02000000)):
    shut_in_child(f"container.{identifier}_namespace", "unshare", flag)


@probe("container.clone_namespace")
def _():
    order = ctypes.create_string_buffer(struct.pack("QQQQQ", 0x10000000, 0, 0, 0, signal.SIGCHLD) + bytes(48))
    def attempt(name, *arguments):
        result, code = call(name, *arguments)
        if result == 0:
            # The one that was made.
            os._exit(0)
        return result, code
    one = in_child(lambda: attempt("clone", 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)) or (0, 0)
    three = in_child(lambda: attempt("clone3", order, 88)) or (0, 0)
    return all(r < 0 and c in SHUT for r, c in (one, three)), in_child(lambda: [1]) == [1], \
        f"clone {named(one[1])}, clone3 {named(three[1])}"


@probe("container.join_namespace")
def _():
    codes = []
    for name in ("net", "mnt", "pid", "user"):
        def attempt():
            try:
                descriptor = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
            except OSError as error:
                return -1, error.errno
            return call("setns", descriptor, 0)
        codes.append(in_child(attempt) or (0, 0))
    return all(r < 0 and c in SHUT for r, c in codes), calls_work(), " ".join(named(c) for _, c in codes)


def mounting(kind, options=b""):
    folder = f"{SCRATCH}/mount-{os.getpid()}"
    os.mkdir(folder)
    def attempt():
        result = call("mount", b"none", folder.encode(), kind, 0, options)
        if result[0] == 0:
            call("umount2", folder.encode(), 2)
        return result
    result, code = in_child(attempt) or (0, 0)
    made = os.path.isdir(folder)
    os.rmdir(folder)
    return result < 0 and code in SHUT, made and calls_work(), "it was mounted" if result >= 0 else named(code)


@probe("container.mount")
def _():
    return mounting(b"tmpfs")


@probe("container.cgroup_release_agent")
def _():
    refused, control, seen = mounting(b"cgroup", b"memory")
    files = subprocess.run(["find", "/sys/fs/cgroup", "(", "-name", "release_agent", "-o", "-name", "cgroup.procs", "-o", "-name",
        "memory.max", "-o", "-name", "pids.max", ")"], capture_output=True, text=True).stdout.split()
    loose = [f for f in files if opened(f, os.O_WRONLY) == 0]
    return refused and not loose, control and writing_works(), seen if not loose else " ".join(loose)


def own_folder():
    path = f"{SCRATCH}/own-{os.getpid()}"
    os.makedirs(path, exist_ok=True)
    return path.encode()


# Of a folder where nothing is mounted: whoever may is told so, and nothing changes.
shut_call("container.remount", "mount", b"none", own_folder, b"", 0x20 | 0x1000, b"")
shut_call("container.unmount", "umount2", own_folder, 8)
shut_in_child("container.mount_tree", "open_tree", -100, b"/", 1, shut=SHUT)
shut_in_child("container.mount_context", "fsopen", b"tmpfs", 0)
shut_call("container.pivot_root", "pivot_root", own_folder, own_folder)
shut_in_child("container.chroot", "chroot", b"/tmp")


@probe("container.open_by_handle")
def _():
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128))
    mount = ctypes.c_int()
    first, code = call("name_to_handle_at", -100, b"/workspace", handle, ctypes.byref(mount), 0)
    second, other = call("open_by_handle_at", os.open("/", os.O_RDONLY), handle, 0)
    return second < 0 and other in SHUT, calls_work(), f"name_to_handle_at {named(code)}, open_by_handle_at {named(other)}"


# Other processes

@probe("container.ptrace")
def _():
    result, code = in_child(lambda: call("ptrace", 0, 0, 0, 0)) or (0, 0)
    return result < 0 and code in SHUT, calls_work(), "it was let through" if result >= 0 else named(code)


@probe("container.process_memory")
def _():
    there, here = ctypes.create_string_buffer(b"drill"), ctypes.create_string_buffer(8)
    def vector(buffer):
        return ctypes.create_string_buffer(struct.pack("NN", ctypes.addressof(buffer), 5))
    result, code = call("process_vm_readv", os.getpid(), vector(here), 1, vector(there), 1, 0)
    return result < 0 and code in SHUT, calls_work(), "it was read" if result >= 0 else named(code)


@probe("container.other_processes")
def _():
    own, strangers = os.getuid(), []
    pids = [p for p in os.listdir("/proc") if p.isdigit()]
    for pid in pids:
        try:
            if os.stat(f"/proc/{pid}").st_uid != own:
                strangers.append(pid)
            if b"\0loop\0" in read(f"/proc/{pid}/cmdline") + b"\0":
                strangers.append(f"{pid}: the agent")
        except OSError:
            pass
    return not strangers and "1" in pids, str(os.getpid()) in pids, f"{len(pids)} processes, {len(strangers)} of others"


shut_call("container.descriptor_theft", "pidfd_getfd", -1, 0, 0)
shut_call("container.compare_processes", "kcmp", os.getpid, os.getpid, 2, 0, 0)

# The kernel's wider surface

shut_call("container.bpf", "bpf", 0, ctypes.create_string_buffer(struct.pack("IIII", 2, 4, 4, 1) + bytes(112)), 128, after=os.close)
shut_call("container.io_uring", "io_uring_setup", 1, ctypes.create_string_buffer(120), after=os.close)
shut_call("container.keyctl", "keyctl", 0, -3, 0, 0, 0)
shut_call("container.add_key", "add_key", b"user", b"drill", b"x", 1, -2)
shut_call("container.userfaultfd", "userfaultfd", 1, after=os.close)
shut_call("container.perf_events", "perf_event_open",
    ctypes.create_string_buffer(struct.pack("IIQ", 1, 112, 0) + bytes(96)), 0, -1, -1, 0, after=os.close)
shut_call("container.secret_memory", "memfd_secret", 0, after=os.close)
shut_call("container.kernel_log", "syslog", 10, 0, 0)
shut_call("container.kernel_module", "finit_module", -1, b"", 0)
shut_call("container.kexec", "kexec_load", 0, 0, 0, 0xFFFFFFFF)
# With magic numbers nobody could take for a wish.
shut_call("container.reboot", "reboot", 0, 0, 0, 0)
shut_call("container.swap", "swapon", b"/nonexistent-drill", 0)
shut_call("container.accounting", "acct", b"/nonexistent-drill")
shut_call("container.clock", "clock_settime", 0, ctypes.create_string_buffer(struct.pack("qq", 0, 2_000_000_000)))
shut_call("container.host_name", "sethostname", b"", 0)

# Kinds of socket that reach past a network namespace, or deep into the kernel

shut_socket("container.vsock", 40, socket.SOCK_STREAM)
shut_socket("container.packet_socket", 17, socket.SOCK_RAW)
shut_socket("container.packet_datagram", 17, socket.SOCK_DGRAM)
shut_socket("container.raw_socket", socket.AF_INET, socket.SOCK_RAW, 255)
shut_socket("container.netlink", 16, socket.SOCK_RAW)
shut_socket("container.kernel_crypto", 38, socket.SOCK_SEQPACKET)
shut_socket("container.bluetooth", 31, socket.SOCK_RAW, 1)
