import Broker
import BrokerClient
import BrokerProtocol
import Compartments
import Glibc
import MCP
import Model
import Testing

extension ContainerTests {
    /// Somebody with the harness's rights changes a volume while the broker works on it, as fast as can be.
    @Suite(.serialized) struct VolumeRaceTests {
        /// A process that does what a line of Python says, over and over, until it is stopped.
        private struct Attacker {
            let pid: pid_t

            init(_ line: String) throws {
                let program = """
                    import os
                    while True:
                        try:
                            \(line.split(separator: "\n").joined(separator: "\n        "))
                        except OSError: pass
                    """
                var child: pid_t = 0
                let words: [String] = ["/usr/bin/python3", "-c", program]
                var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
                argv.append(nil)
                defer { for argument in argv { free(argument) } }
                let error = posix_spawn(&child, "/usr/bin/python3", nil, nil, &argv, environ)
                try #require(error == 0)
                pid = child
            }

            func stop() {
                kill(pid, SIGKILL)
                waitpid(pid, nil, 0)
            }
        }

        /// The folder `shared` in the channel's folder is the harness's to exchange: for a link out of the volumes, for a
        /// name of somebody else's file.
        @Test func whatIsSwappedInForTheSharedFolderIsNeitherBoundNorGivenAway() async throws {
            try await TestHost.with { host in
                let client = try host.client()
                defer { client.close() }
                let id = CompartmentID(trusted: "race")
                let agent = try await client.createAgent(id)
                let group = VolumeGrant(.group(channel), .readOnly)
                let stream = try await client.createWorkspace(id, [group])
                defer { for descriptor in [agent.stream, agent.modelDoor, stream] { close(descriptor) } }
                let folder = host.configuration.volumeRoot + "/group/\(channel)"
                let victim = host.configuration.volumeRoot + "/victim"
                close(open(victim, O_CREAT | O_WRONLY, 0o600))
                let attacker = try Attacker(
                    """
                    os.chdir("\(folder)")
                    try: os.rmdir("shared")
                    except OSError: os.unlink("shared")
                    os.link("\(victim)", "shared")
                    os.unlink("shared")
                    os.symlink("/etc", "shared")
                    os.unlink("shared")
                    """)
                defer { attacker.stop() }
                var bound = 0
                for _ in 0..<400 {
                    do {
                        try await client.place(group, in: id)
                        try await client.place(VolumeGrant(.shared(channel), .readWrite), in: id)
                        bound += 1
                    } catch let error as BrokerError {
                        #expect(error.code == .volume, "\(error)")
                    }
                }
                attacker.stop()
                var about = stat()
                #expect(lstat(victim, &about) == 0 && about.st_uid == 0, "another's file was given to \(about.st_uid)")
                // Of all that was bound, nothing came from outside the volumes, or landed outside the slots.
                let mounts = TestHost.lines("/proc/self/mountinfo").map { $0.split(separator: " ") }
                    .filter {
                        $0[3].contains(host.configuration.installation)
                            || $0[4].contains(host.configuration.installation)
                    }
                let slots = host.configuration.runDirectory + "/slots"
                #expect(mounts.count > 400, "\(mounts.count) mounts, \(bound) of both")
                for mount in mounts {
                    #expect(mount[4].hasPrefix(slots), "a mount outside: \(mount)")
                    #expect(!mount[3].hasPrefix("/etc"), "from outside: \(mount)")
                }
                var etc = stat()
                #expect(lstat("/etc", &etc) == 0 && etc.st_uid == 0)
                unlink(victim)
                try await client.end(id)
            }
        }

        /// While a sandbox runs, its session's scratch is not deleted; deleted, links in it lead nowhere, whoever swaps them
        /// meanwhile: a process that kept a descriptor, in the hands of root here.
        @Test func scratchIsDeletedWithoutFollowingLinksThatAppearMeanwhile() async throws {
            try await TestHost.with { host in
                let client = try host.client()
                defer { client.close() }
                let outside = host.configuration.volumeRoot + "/user/ada"
                try #require(try run("/bin/mkdir", ["-p", outside + "/precious"]) == 0)
                for number in 0..<20 { close(open(outside + "/precious/\(number)", O_CREAT | O_WRONLY, 0o600)) }
                let session = SessionID(trusted: "racing")
                let scratch = host.configuration.volumeRoot + "/session/\(session)"
                try #require(try run("/bin/mkdir", ["-p", scratch]) == 0)
                for number in 0..<300 {
                    try #require(mkdir(scratch + "/d\(number)", 0o755) == 0)
                    close(open(scratch + "/d\(number)/f", O_CREAT | O_WRONLY, 0o600))
                }
                let attacker = try Attacker(
                    """
                    top = os.open("\(scratch)", os.O_RDONLY) if "top" not in globals() else top
                    for n in range(300):
                        try:
                            os.rename("d%d" % n, "x", src_dir_fd=top, dst_dir_fd=top)
                            os.symlink("\(outside)", "d%d" % n, dir_fd=top)
                            os.unlink("d%d" % n, dir_fd=top)
                            os.rename("x", "d%d" % n, src_dir_fd=top, dst_dir_fd=top)
                        except OSError: pass
                    """)
                defer { attacker.stop() }
                // Long enough for it to hold the folder open.
                while TestHost.entries("/proc/\(attacker.pid)/fd").count < 4 { usleep(1000) }
                try await client.discardScratch(of: session)
                for _ in 0..<200 where !TestHost.entries(host.configuration.volumeRoot + "/discarded").isEmpty {
                    usleep(20_000)
                }
                attacker.stop()
                #expect(TestHost.entries(outside + "/precious").count == 20)
            }
        }

        /// No order of ends and deletions takes a volume with it: a slot that still has one in it stays.
        @Test func tearDownUnderFireDeletesNoVolume() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    for round in 0..<6 {
                        let compartment = try await pool.take(for: sessionID)
                        _ = try await compartment.bash(
                            "for d in thread user session group/shared; do echo \(round) > /workspace/$d/kept-\(round); done",
                            grants)
                        // Killed from outside, ended from inside, or both at once.
                        async let ended: Void = round % 3 != 0 ? compartment.end() : ()
                        if round % 3 != 1 {
                            try run("/usr/bin/docker", ["kill", host.containerName(compartment.id, .workspace)])
                        }
                        await ended
                        await compartment.end()
                    }
                    for kind in ["thread/\(conversation)", "user/ada", "shared/\(channel)"] {
                        let files = TestHost.entries(host.configuration.volumeRoot + "/" + kind)
                        #expect(files.filter { $0.hasPrefix("kept-") }.count == 6, "\(kind): \(files)")
                    }
                }
            }
        }
    }
}
