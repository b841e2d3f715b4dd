import Broker
import Compartments
import DockerEngine
import Glibc
import MCP
import Model
import Testing

extension ContainerTests {
    /// What the containers may not do, tried from inside, each probe beside one that shows that probing works.
    @Suite(.serialized) struct HardeningTests {
        @Test func forbiddenSystemCallsAreRefusedFromInside() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let output = try await compartment.bash(Self.probes, grants)
                    // Controls: the probe reports success where there is some.
                    for control in ["getpid", "AF_UNIX", "AF_INET loopback", "memfd_create", "subprocess"] {
                        #expect(output.contains("\(control): works"), "\(control) should work:\n\(output)")
                    }
                    let refused = output.split(separator: "\n").filter { $0.contains(": refused") }
                    let open = output.split(separator: "\n").filter { $0.contains(": OPEN") }
                    #expect(open.isEmpty, "\(open)")
                    #expect(refused.count >= 38, "\(output)")
                }
            }
        }

        @Test func thereIsNoNetworkNoWritableRootAndNoWayToMorePower() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let output = try await compartment.bash(
                        """
                        cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '
                        for f in /x /etc/x /usr/x /opt/bulkhead/x /workspace/x /proc/sys/kernel/hostname /sys/x; do
                          if echo x 2>/dev/null > $f; then echo "WROTE $f"; fi; done
                        touch /tmp/control && echo control
                        find / -xdev -perm /6000 -type f 2>/dev/null | sed 's/^/SETUID /'
                        grep -E 'CapEff|CapBnd|CapPrm|NoNewPrivs|^Seccomp:|^Uid|^Gid|^Groups' /proc/self/status
                        ls /dev | tr '\\n' ' '; ls /var/run/docker.sock 2>&1; ls -A /run/bulkhead
                        ls /dev/kmsg /dev/mem 2>/dev/null; cat /proc/kcore 2>/dev/null | head -c 1 | wc -c
                        (ulimit -c; ulimit -f; ulimit -n) | tr '\\n' ' '; hostname
                        """, grants)
                    #expect(output.contains("control") && output.hasPrefix("lo\ncontrol"), "\(output)")
                    #expect(!output.contains("WROTE") && !output.contains("SETUID"), "\(output)")
                    #expect(
                        output.contains("CapEff:\t0000000000000000") && output.contains("CapBnd:\t0000000000000000"))
                    #expect(output.contains("NoNewPrivs:\t1") && output.contains("Seccomp:\t2"))
                    #expect(output.components(of: "No such file") == 1, "\(output)")
                    #expect(output.contains("sandbox"))
                    #expect(!output.contains("Uid:\t0") && !output.contains("Gid:\t0"))
                }
            }
        }

        @Test func theAgentsContainerHasNothingWritableAndNoPower() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    _ = try await compartment.workspace(volumes: [])
                    var owners: Set<Int64> = []
                    for part in [CompartmentPart.agent, .workspace] {
                        let about = try await host.docker.inspectContainer(host.containerName(compartment.id, part))
                        let settings = try #require(about["HostConfig"])
                        #expect(settings["NetworkMode"] == "none")
                        #expect(settings["ReadonlyRootfs"] == true && settings["Privileged"] == false)
                        #expect(settings["CapDrop"] == ["ALL"] && settings["CapAdd"]?.arrayValue == nil)
                        #expect(settings["LogConfig"]?["Type"] == "none")
                        #expect(settings["IpcMode"] == "private" && settings["PidMode"] == "")
                        #expect(about["Config"]?["StdinOnce"] == true && about["Config"]?["Tty"] == false)
                        #expect((settings["PidsLimit"]?.intValue ?? 0) > 0 && (settings["Memory"]?.intValue ?? 0) > 0)
                        let process = try #require(about["State"]?["Pid"]?.intValue)
                        let status = TestHost.lines("/proc/\(process)/status")
                        #expect(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"))
                        #expect(status.contains("CapEff:\t0000000000000000"))
                        let uid = try #require(
                            status.first { $0.hasPrefix("Uid:") }?.split(separator: "\t").dropFirst())
                        let gid = try #require(
                            status.first { $0.hasPrefix("Gid:") }?.split(separator: "\t").dropFirst())
                        #expect(Array(uid) == Array(gid) && Set(uid).count == 1)
                        owners.insert(Int64(uid.first ?? "0") ?? 0)
                        guard part == .agent else { continue }
                        // Kernel interfaces aside, not one mount can be written to by this uid.
                        let writable = TestHost.lines("/proc/\(process)/mountinfo").map { $0.split(separator: " ") }
                            .filter { $0[5].split(separator: ",").contains("rw") }.map { String($0[4]) }
                        #expect(
                            writable.allSatisfy { path in
                                ["/proc", "/dev", "/sys/fs/cgroup"].contains { path.hasPrefix($0) }
                            }, "\(writable)")
                        #expect(!writable.contains("/dev/shm"))
                    }
                    #expect(owners.count == 2 && !owners.contains(0))
                }
            }
        }

        /// One line per probe: its name, and `works`, `refused` or `OPEN`.
        static let probes = #"""
            cat > /tmp/probe.py <<'END'
            import ctypes, errno, os, socket, subprocess
            libc = ctypes.CDLL(None, use_errno=True)
            def call(name, number, *args, ok=False):
                ctypes.set_errno(0)
                result = libc.syscall(number, *[ctypes.c_long(a) for a in args])
                code = ctypes.get_errno()
                if ok: print(f"{name}: {'works' if result >= 0 else 'BROKEN'}")
                else:
                    # Refused by the filter: EPERM, or ENOSYS for clone3. Any other error came from the call itself.
                    shut = result < 0 and code in (errno.EPERM, errno.ENOSYS)
                    print(f"{name}: {'refused' if shut else 'OPEN'} {errno.errorcode.get(code, code)}")
            def sock(name, family, kind, protocol=0, ok=False):
                try:
                    socket.socket(family, kind, protocol).close()
                    print(f"{name}: {'works' if ok else 'OPEN'}")
                except OSError as e:
                    print(f"{name}: {'BROKEN' if ok else 'refused'} {e.errno}")
            call("getpid", 39, ok=True)
            call("memfd_create", 319, ctypes.cast(ctypes.c_char_p(b"x"), ctypes.c_void_p).value, 0, ok=True)
            for name, number in dict(io_uring_setup=425, io_uring_enter=426, io_uring_register=427, ptrace=101,
                process_vm_readv=310, process_vm_writev=311, keyctl=250, add_key=248, request_key=249, bpf=321,
                userfaultfd=323, perf_event_open=298, open_by_handle_at=304, name_to_handle_at=303, memfd_secret=447,
                unshare=272, setns=308, mount=165, umount2=166, pivot_root=155, chroot=161, open_tree=428,
                move_mount=429, fsopen=430, fsmount=432, mount_setattr=442, init_module=175, finit_module=313,
                delete_module=176, kexec_load=246, reboot=169, swapon=167, modify_ldt=154, mknod=133, mknodat=259,
                clone3=435, kcmp=312, pidfd_getfd=438, quotactl=179, acct=163, iopl=172, vhangup=153, seccomp=317,
                move_pages=279, settimeofday=164, lookup_dcookie=212, process_madvise=440).items():
                call(name, number, 0, 0, 0, 0, 0)
            for name, flag in dict(newuser=0x10000000, newns=0x20000, newnet=0x40000000, newpid=0x20000000).items():
                call("clone " + name, 56, flag | 17, 0, 0, 0, 0)
            call("personality with an unknown persona", 135, 0x0400000)
            sock("AF_UNIX", socket.AF_UNIX, socket.SOCK_STREAM, ok=True)
            for name, family, kind, protocol in [("AF_VSOCK", 40, socket.SOCK_STREAM, 0),
                ("AF_PACKET", socket.AF_PACKET, socket.SOCK_RAW, 0), ("AF_NETLINK", 16, socket.SOCK_RAW, 0),
                ("raw ICMP", socket.AF_INET, socket.SOCK_RAW, 1), ("raw IPv6", socket.AF_INET6, socket.SOCK_RAW, 58),
                ("AF_ALG", 38, socket.SOCK_SEQPACKET, 0), ("AF_BLUETOOTH", 31, socket.SOCK_RAW, 1),
                ("AF_XDP", 44, socket.SOCK_RAW, 0), ("AF_TIPC", 30, socket.SOCK_STREAM, 0)]:
                sock(name, family, kind, protocol)
            server = socket.create_server(("127.0.0.1", 0))
            client = socket.create_connection(server.getsockname(), 2)
            print("AF_INET loopback: works")
            try:
                socket.create_connection(("192.0.2.1", 80), 2); print("a way out: OPEN")
            except OSError as e: print("a way out: refused", e.errno)
            print("subprocess:", "works" if subprocess.run(["true"]).returncode == 0 else "BROKEN")
            END
            python3 /tmp/probe.py
            """#
    }
}
