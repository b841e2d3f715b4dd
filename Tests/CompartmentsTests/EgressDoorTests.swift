import Broker
import BrokerClient
import BrokerProtocol
import Compartments
import DockerEngine
import Foundation
import Glibc
import MCP
import Model
import Testing

extension ContainerTests {
    /// The way out of a workspace container: there when it is given, connected to and not replaced, its container's alone.
    @Suite(.serialized) struct EgressDoorTests {
        @Test func withoutADoorProgramsAreToldThatNothingIsGranted() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let output = try await compartment.bash(
                        """
                        curl -sS http://example.invalid/; curl -sS https://example.invalid/; ls -A /run/bulkhead | wc -l
                        env | grep -ic '_proxy=http://127.0.0.1:18118$'
                        stat -c '%u %a' /run/bulkhead
                        """, grants)
                    #expect(output.contains("No network is granted in this sandbox."), "\(output)")
                    #expect(output.contains("egress_request") && output.contains("403"), "\(output)")
                    #expect(output.contains("\n0\n") && output.contains("\n6\n0 755\n"), "\(output)")
                }
            }
        }

        @Test func programsUseADoorThatIsGivenWhileTheyRunAndOneGivenBefore() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let door = TestDoor()
                    #expect(try await compartment.bash(Self.curl, grants).contains("No network is granted"))
                    try await compartment.serveEgress { door.serve($0) }
                    #expect(try await compartment.bash(Self.curl, grants).contains("through the door"))
                    #expect(door.requests == ["GET http://granted.invalid/ HTTP/1.1"])
                    // Another container of the same session has it from its start.
                    try await compartment.endWorkspace()
                    #expect(try await compartment.bash(Self.curl, grants).contains("through the door"))
                    // Shut by whoever serves it; and later containers have none.
                    door.shut()
                    #expect(try await compartment.bash(Self.curl, grants).contains("No network is granted"))
                    try await compartment.serveEgress(nil)
                    try await compartment.endWorkspace()
                    #expect(try await compartment.bash("ls -A /run/bulkhead | wc -l", grants).hasPrefix("0\n"))
                }
            }
        }

        @Test func gitPipAndAptFindTheDoorByThemselves() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let door = TestDoor()
                    try await compartment.serveEgress { door.serve($0) }
                    let output = try await compartment.bash(
                        """
                        git ls-remote http://git.invalid/x.git 2>&1 | tail -1
                        git ls-remote https://git.invalid/x.git 2>&1 | tail -1
                        pip download --retries 0 --no-deps --trusted-host pip.invalid \
                          --index-url http://pip.invalid/simple/ demo 2>&1 | tail -1
                        echo 'deb [trusted=yes] http://apt.invalid/debian bookworm main' > /tmp/apt.list
                        apt-get update -o Dir::Etc::SourceList=/tmp/apt.list -o Dir::Etc::SourceParts=- 2>&1 | tail -1
                        python3 -c "import urllib.request as u; print(u.urlopen('http://py.invalid/').read())"
                        """, grants)
                    let requests = door.requests.joined(separator: "\n")
                    for line in [
                        "GET http://git.invalid/x.git/info/refs?service=git-upload-pack HTTP/1.1",
                        "CONNECT git.invalid:443 HTTP/1.1", "GET http://pip.invalid/simple/demo/ HTTP/1.1",
                        "GET http://apt.invalid/debian/dists/bookworm/InRelease HTTP/1.1",
                        "GET http://py.invalid/ HTTP/1.1",
                    ] { #expect(requests.contains(line), "\(line) is not among:\n\(requests)\n\(output)") }
                    #expect(output.contains("through the door"), "\(output)")
                }
            }
        }

        /// What runs there may connect to the door, and neither exchange nor remove nor add one.
        @Test func theDoorCannotBeReplacedFromInside() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let door = TestDoor()
                    try await compartment.serveEgress { door.serve($0) }
                    let output = try await compartment.bash(
                        """
                        cd /run/bulkhead; stat -c 'mode %a %F' egress.sock; [ $(stat -c %u egress.sock) = $(id -u) ] && echo own
                        rm -f egress.sock && echo GONE; mv egress.sock x && echo MOVED; touch x && echo MADE
                        ln -s /tmp/x y && echo LINKED; chmod 777 egress.sock && echo CHANGED
                        mv -T /tmp/t /run/bulkhead && echo MOVED; mount -o remount,rw /run/bulkhead && echo REMOUNTED
                        python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('/run/bulkhead/z')" && echo BOUND
                        touch /tmp/x && ln -s /tmp/x /tmp/y && rm /tmp/y && echo control
                        """ + "\n" + Self.curl, grants)
                    for word in ["GONE", "MOVED", "MADE", "LINKED", "CHANGED", "REMOUNTED", "BOUND"] {
                        #expect(!output.contains(word), "\(output)")
                    }
                    #expect(output.contains("control") && output.contains("mode 600 socket") && output.contains("own"))
                    #expect(output.contains("through the door"), "\(output)")
                }
            }
        }

        @Test func anotherUserAndAnotherCompartmentHaveNoDoor() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let door = TestDoor()
                    try await compartment.serveEgress { door.serve($0) }
                    _ = try await compartment.bash("true", grants)
                    let other = try await pool.take(for: sessionID)
                    #expect(try await other.bash("ls -A /run/bulkhead | wc -l", grants).hasPrefix("0\n"))
                    let process = try await host.process(compartment.id, .workspace)
                    let owner = try #require(host.owner(of: process))
                    let stranger = try #require(host.owner(of: try await host.process(other.id, .workspace)))
                    #expect(owner != stranger)
                    // From within the container's own view of files, so that nothing but the socket's mode decides.
                    func connects(as uid: Int) throws -> Bool {
                        try run(
                            "/usr/bin/nsenter",
                            [
                                "-t", "\(process)", "-m", "-S", "\(uid)", "-G", "\(uid)", "/usr/bin/python3", "-c",
                                "import socket; socket.socket(socket.AF_UNIX).connect('/run/bulkhead/egress.sock')",
                            ]) == 0
                    }
                    #expect(try connects(as: owner))
                    #expect(try !connects(as: stranger))
                    // The agent's container has its own door and not this one.
                    let agent = try await host.process(compartment.id, .agent)
                    #expect(TestHost.entries("/proc/\(agent)/root/run/bulkhead") == ["model.sock"])
                }
            }
        }

        @Test func aDoorOpenedAnewTakesTheOldOnesPlace() async throws {
            try await TestHost.with { host in
                let client = try host.client()
                let id = CompartmentID(trusted: "one")
                let agent = try await client.createAgent(id)
                let stream = try await client.createWorkspace(id, grants)
                let first = try await client.openEgress(id, .workspace)
                let second = try await client.openEgress(id, .workspace)
                let path = "\(host.configuration.runDirectory)/doors/\(id)-workspace/egress.sock"
                #expect(try Self.connect(path))
                #expect(Self.isWaiting(second) && !Self.isWaiting(first))
                // Nobody listens, the broker's own copy apart that it closes after its answer: nobody is let in.
                close(second)
                while try Self.connect(path) { await Task.yield() }
                // Neither for the agent, nor for another connection, nor for what is not there.
                for (who, compartment, part) in [
                    (client, id, CompartmentPart.agent), (client, id, .errand),
                    (client, CompartmentID(trusted: "two"), .workspace), (try host.client(), id, .workspace),
                ] {
                    await #expect(throws: BrokerError.self) { try await who.openEgress(compartment, part) }
                }
                try await client.end(id, .workspace)
                #expect(access(path, F_OK) != 0)
                #expect(TestHost.entries(host.configuration.runDirectory + "/doors") == ["\(id)-agent"])
                await #expect(throws: BrokerError.self) { try await client.openEgress(id, .workspace) }
                for descriptor in [agent.stream, agent.modelDoor, stream, first] { close(descriptor) }
                try await client.end(id)
            }
        }

        /// Hostile code can use up its own way out, and nothing else.
        @Test func aFloodOfConnectionsCostsTheSandboxItsWayOutAndNotItsTools() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let door = TestDoor()
                    try await compartment.serveEgress { door.serve($0) }
                    let output = try await compartment.bash(
                        """
                        cat > /tmp/flood.py <<'END'
                        import socket, time
                        held = []
                        for _ in range(1500):
                            s = socket.socket(); s.setblocking(False)
                            try: s.connect(("127.0.0.1", 18118))
                            except BlockingIOError: pass
                            held.append(s)
                        print("holding", len(held), flush=True)
                        time.sleep(60)
                        END
                        python3 /tmp/flood.py > /tmp/flood.log 2>&1 &
                        until grep -q holding /tmp/flood.log; do sleep 0.05; done; cat /tmp/flood.log
                        """, grants)
                    #expect(output.contains("holding 1500"), "\(output)")
                    #expect(try await compartment.bash("echo tools answer", grants).contains("tools answer"))
                    let after = try await compartment.bash("pkill -f '[f]lood.py'; \(Self.curl)", grants)
                    #expect(after.contains("through the door"), "\(after)")
                }
            }
        }

        @Test func commandsInheritNoSocket() async throws {
            try await TestHost.with { host in
                try await host.withPool { pool in
                    let compartment = try await pool.take(for: sessionID)
                    let output = try await compartment.bash(
                        """
                        ls -l /proc/self/fd | grep -c socket; echo control $(ls /proc/$$/fd | wc -l)
                        """, grants)
                    #expect(output.hasPrefix("0\n"), "\(output)")
                    #expect(output.contains("control"))
                }
            }
        }

        private static let curl = "curl -sS -m 20 http://granted.invalid/"

        private static func connect(_ path: String) throws -> Bool {
            let socket = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(socket) }
            return try withSocketAddress(path) { Glibc.connect(socket, $0, $1) } == 0
        }

        private static func isWaiting(_ listener: CInt) -> Bool {
            var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            return poll(&entry, 1, 0) == 1
        }
    }
}

extension TestHost {
    /// The id of a container's first process, on the host.
    func process(_ id: CompartmentID, _ part: CompartmentPart) async throws -> Int64 {
        try #require(try await docker.inspectContainer(containerName(id, part))["State"]?["Pid"]?.intValue)
    }

    func owner(of process: Int64) -> Int? {
        Self.lines("/proc/\(process)/status").first { $0.hasPrefix("Uid:") }?.split(separator: "\t").dropFirst().first
            .flatMap { Int($0) }
    }
}
