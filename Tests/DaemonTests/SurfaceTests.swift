import Foundation
import MCP
import Testing

extension SystemTests {
    /// What `bulkhead surface` says, against what is there.
    @Suite struct SurfaceTests {
        /// As `bulkhead surface --json` has it.
        private func surface(_ bulkhead: Installation) async throws -> (text: String, value: JSONValue) {
            let printed = try await bulkhead.bulkhead(["surface", "--json"])
            try #require(printed.status == 0, "\(printed)")
            return (printed.output, try JSONValue(parsing: Array(printed.output.utf8)))
        }

        private func names(_ value: JSONValue?) -> Set<String> { Set(value?.objectValue?.keys ?? []) }

        /// To the end: such files have no size, and a reader that takes a short read for the end sees half of one.
        private func proc(_ path: String) async throws -> String { try await Command.shell("cat \(path)") }

        /// The listening sockets of a process by /proc, as the surface names them. Doors of compartments are one pattern.
        private func listening(_ pid: pid_t, runtime: String) async throws -> Set<String> {
            let files = "/proc/\(pid)/fd/"
            let inodes = try FileManager.default.contentsOfDirectory(atPath: files).compactMap { name -> String? in
                guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: files + name),
                    link.hasPrefix("socket:[")
                else { return nil }
                return String(link.dropFirst("socket:[".count).dropLast())
            }
            var found: Set<String> = []
            for (file, isSix) in [("tcp", false), ("tcp6", true)] {
                for line in try await proc("/proc/\(pid)/net/" + file).split(
                    separator: "\n")
                {
                    let fields = line.split(separator: " ").map(String.init)
                    guard fields.count > 9, fields[3] == "0A", inodes.contains(fields[9]) else { continue }
                    let parts = fields[1].split(separator: ":")
                    let port = try #require(UInt16(parts[1], radix: 16))
                    found.insert("tcp \(parts[0] == "0100007F" && !isSix ? "127.0.0.1" : String(parts[0])):\(port)")
                }
            }
            // UDP and raw sockets do not listen: one that is not connected is a way in.
            for file in ["udp", "udp6", "raw", "raw6"] {
                for line in try await proc("/proc/\(pid)/net/" + file).split(
                    separator: "\n")
                {
                    let fields = line.split(separator: " ").map(String.init)
                    // Connected (1): a look-up of names on its way, which hears its one peer.
                    guard fields.count > 9, inodes.contains(fields[9]), fields[3] != "01" else { continue }
                    found.insert("\(file) \(fields[1]) from \(fields[2]), state \(fields[3]), process \(pid)")
                }
            }
            for line in try await proc("/proc/\(pid)/net/unix").split(separator: "\n") {
                let fields = line.split(separator: " ").map(String.init)
                // Flags: SO_ACCEPTCON.
                guard fields.count > 6, fields[3] == "00010000", inodes.contains(fields[6]) else { continue }
                var path = fields.count > 7 ? fields[7] : "unnamed"
                // Bound under another name and renamed.
                if path.hasSuffix(".new") { path = String(path.dropLast(4)) }
                let doors = runtime + "/broker/doors/"
                let name = path.split(separator: "/").last ?? ""
                found.insert("unix " + (path.hasPrefix(doors) ? "\(doors)*/\(name)" : path))
            }
            return found
        }

        @Test func everySocketThatListensIsListedAndTheOtherWayRound() async throws {
            try await withInstallation { bulkhead in
                // With a session under way, its door included.
                #expect(try await bulkhead.chat("run true").answer != nil)
                let listed = names(try await surface(bulkhead).value["sockets"])
                let (daemon, broker) = (try #require(bulkhead.daemon?.pid), try #require(bulkhead.broker?.pid))
                let there = try await listening(daemon, runtime: bulkhead.runtime)
                    .union(try await listening(broker, runtime: bulkhead.runtime))
                // Nothing is granted to the session, so it has no egress door.
                #expect(there == listed.filter { !$0.hasSuffix("/egress.sock") }, "daemon \(daemon)")
                for name in listed where name.hasPrefix("unix ") && !name.contains("*") {
                    let path = String(name.dropFirst("unix ".count))
                    let socket = try await surface(bulkhead).value["sockets"]?[name]
                    let about = try await Command.shell("stat -c '0%a %u:%g' \(path)")
                    let said = "\(socket?["mode"]?.stringValue ?? "") \(socket?["owner"]?.stringValue ?? "")"
                    #expect(about.trimmingCharacters(in: .whitespacesAndNewlines) == said, "\(path)")
                }
            }
        }

        @Test func everyRouteAnswersAndNoOtherDoes() async throws {
            try await withInstallation { bulkhead in
                let routes = try await surface(bulkhead).value["routes"]
                let link = try await bulkhead.bulkhead(["login-link"]).output
                let parts = link.trimmingCharacters(in: .whitespacesAndNewlines).components(
                    separatedBy: "/login?token=")
                let head = try await Command.run(
                    "/usr/bin/curl",
                    ["-sS", "-D", "-", "-o", "/dev/null", "--data", "token=" + parts[1], parts[0] + "/login"]
                ).output
                let cookie = try #require(
                    head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") }
                ).dropFirst("set-cookie: ".count).prefix { $0 != ";" }
                /// Status and code; `nil` for an address that is not there.
                func answer(_ door: String, _ method: String, _ path: String) async throws -> (Int, String) {
                    let place =
                        door == "socket"
                        ? ["--unix-socket", bulkhead.runtime + "/daemon/console.sock", "http://localhost" + path]
                        : ["-H", "Cookie: " + String(cookie), parts[0] + path]
                    let result = try await Command.run(
                        "/usr/bin/curl",
                        ["-sS", "--max-time", "5", "-X", method, "-H", "Content-Type: application/json", "-d", "{}"]
                            + ["-w", "\n%{http_code}"] + place)
                    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
                    return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
                }
                func isThere(_ door: String, _ method: String, _ path: String) async throws -> Bool {
                    let (status, body) = try await answer(door, method, path)
                    return !(status == 404 && body.contains("There is nothing at this address")) && status != 405
                }
                for door in ["browser", "socket"] {
                    let listed = names(routes?[door])
                    try #require(listed.count > 10, "\(door)")
                    for route in listed where !route.contains("/assets/") && !route.hasSuffix("/api/logout") {
                        let words = route.split(separator: " ").map(String.init)
                        let path = words[1].replacingOccurrences(of: "{id}", with: "01m000000000000000000000aa")
                        #expect(try await isThere(door, words[0], path), "\(door) \(route)")
                    }
                    for path in ["/api/people/nobody", "/api/exec", "/metrics", "/api", "/api/surface/diff", "/debug"] {
                        for method in ["GET", "POST"] {
                            #expect(try await !isThere(door, method, path), "\(door) \(method) \(path)")
                        }
                    }
                    // Another method at an address that is there.
                    for route in listed {
                        let words = route.split(separator: " ").map(String.init)
                        for method in ["PUT", "DELETE", "PATCH"] where !listed.contains("\(method) \(words[1])") {
                            let path = words[1].replacingOccurrences(of: "{id}", with: "a")
                            #expect(try await !isThere(door, method, path), "\(door) \(method) \(path)")
                        }
                    }
                }
                // Who is nobody here gets an answer where the list says so, and nowhere else.
                for route in names(routes?["socket"]) {
                    let words = route.split(separator: " ").map(String.init)
                    let path = words[1].replacingOccurrences(of: "{id}", with: "01m000000000000000000000aa")
                    let result = try await Command.run(
                        "/usr/bin/setpriv",
                        [
                            "--reuid", "64999", "--regid", "64999", "--clear-groups", "/usr/bin/curl", "-sS", "-X",
                            words[0], "-d", "{}", "--unix-socket", bulkhead.runtime + "/daemon/console.sock",
                            "http://localhost" + path,
                        ])
                    let isOpen = routes?["socket"]?[route] == "anybody"
                    #expect(result.output.contains("No person is known") == !isOpen, "\(route): \(result.output)")
                }
            }
        }

        @Test func theToolsAreThoseAnAgentIsOffered() async throws {
            try await withInstallation { bulkhead in
                // In a room, where there is every tool; a direct conversation has one less.
                #expect(try await bulkhead.bulkhead(["channels", "create", "team"]).status == 0)
                let listed = try await surface(bulkhead).value["tools"]
                let messages = [
                    #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#,
                    #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
                    #"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#,
                ]
                let pipe = bulkhead.home + "/mcp-in"
                try await Command.shell("mkfifo \(pipe)")
                let output = bulkhead.home + "/mcp-out"
                let client = try Command(
                    "/bin/bash",
                    [
                        "-c",
                        "exec \(bulkhead.home)/bin/bulkhead mcp --channel team --config \(bulkhead.configuration) <\(pipe) >\(output)",
                    ])
                let feed = try #require(FileHandle(forWritingAtPath: pipe))
                try feed.write(contentsOf: Data((messages.joined(separator: "\n") + "\n").utf8))
                var tools: [JSONValue] = []
                try await eventually("a list of tools") {
                    let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
                    for line in text.split(separator: "\n") {
                        let answer = try? JSONValue(parsing: Array(line.utf8))
                        tools = answer?["result"]?["tools"]?.arrayValue ?? tools
                    }
                    return !tools.isEmpty || !client.isRunning
                }
                try feed.close()
                _ = await client.finish(within: .seconds(20))
                #expect(Set(tools.compactMap { $0["name"]?.stringValue }) == names(listed), "\(client.errors)")
            }
        }

        @Test func containersHaveWhatIsListedAndNothingElse() async throws {
            try await withInstallation { bulkhead in
                #expect(try await bulkhead.chat("run true").answer != nil)
                let listed = try await surface(bulkhead).value
                for part in ["agent", "workspace"] {
                    let template = try #require(listed["containers"]?[part])
                    let name = try #require(try await bulkhead.containers(part).first, "\(part)")
                    let inspected = try JSONValue(
                        parsing: Array(try await Command.shell("docker inspect \(name)").utf8))
                    let real = try #require(inspected.arrayValue?.first)
                    let (want, have) = (template["HostConfig"], real["HostConfig"])
                    for key in [
                        "NetworkMode", "ReadonlyRootfs", "Privileged", "CapDrop", "IpcMode", "PidsLimit", "Memory",
                        "MemorySwap", "NanoCpus", "Tmpfs",
                    ] {
                        // The engine gives numbers and members of an object in its own order.
                        #expect(
                            want?[key].map(SurfaceTests.canonical) == have?[key].map(SurfaceTests.canonical),
                            "\(part) \(key)")
                    }
                    for key in ["CapAdd", "Devices", "PortBindings", "VolumesFrom", "Links", "Binds", "GroupAdd"] {
                        let value = have?[key] ?? .null
                        #expect(
                            value.isNull || value.arrayValue?.isEmpty == true
                                || value.objectValue?.keys.isEmpty == true,
                            "\(part) has \(key): \(value)")
                    }
                    // Binds by what the engine says it mounted, the rest by what a process inside sees.
                    let binds = Set((real["Mounts"]?.arrayValue ?? []).compactMap { $0["Destination"]?.stringValue })
                    #expect(binds == Set((want?["Mounts"]?.arrayValue ?? []).compactMap { $0["Target"]?.stringValue }))
                    let pid = try #require(real["State"]?["Pid"]?.intValue)
                    let info = try await proc("/proc/\(pid)/mountinfo")
                    let places = Set(
                        info.split(separator: "\n").compactMap { line -> String? in
                            let fields = line.split(separator: " ")
                            let place = String(fields[4])
                            return SurfaceTests.isTheEngines(place) ? nil : place
                        })
                    let volumes = part == "workspace" ? names(listed["volumes"]) : []
                    let expected = binds.union(names(want?["Tmpfs"])).union(volumes)
                    #expect(places == expected, "\(part):\n\(info)")
                    let interfaces = try await proc("/proc/\(pid)/net/dev")
                        .split(separator: "\n").dropFirst(2).map { $0.prefix { $0 != ":" }.filter { $0 != " " } }
                    #expect(interfaces == ["lo"], "\(part)")
                    let status = try await proc("/proc/\(pid)/status")
                    for line in [
                        "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
                    ] {
                        #expect(status.contains(line), "\(part) \(line)")
                    }
                }
            }
        }

        private static func canonical(_ value: JSONValue) -> [UInt8] { value.canonical() }

        /// What every container of the engine's has.
        private static func isTheEngines(_ place: String) -> Bool {
            place == "/"
                || ["/proc", "/dev", "/sys"].contains {
                    place == $0 || place.hasPrefix($0 + "/") && place != "/dev/shm"
                }
                || ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts", "/sbin/docker-init", "/usr/sbin/docker-init"]
                    .contains(place)
        }

        @Test func twoPrintsAreComparedInWords() async throws {
            try await withInstallation { bulkhead in
                let first = try await surface(bulkhead).text
                #expect(first == (try await surface(bulkhead).text), "the same is the same text")
                let stranger = try await Command.run(
                    "/usr/bin/setpriv",
                    [
                        "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", bulkhead.home + "/bin/bulkhead",
                        "surface", "--config", bulkhead.configuration,
                    ])
                #expect(stranger.status != 0 && stranger.errors.contains("Only an owner or admin"), "\(stranger)")
                let (old, new) = (bulkhead.home + "/old.json", bulkhead.home + "/new.json")
                try first.write(toFile: old, atomically: true, encoding: .utf8)
                let settings = try String(contentsOfFile: bulkhead.configuration, encoding: .utf8)
                try settings.replacingOccurrences(of: "members: [nobody]", with: "members: []\n  admins: [nobody]")
                    .write(toFile: bulkhead.configuration, atomically: true, encoding: .utf8)
                _ = try await bulkhead.reload()
                try await surface(bulkhead).text.write(toFile: new, atomically: true, encoding: .utf8)
                let plain = try await Command.run(bulkhead.home + "/bin/bulkhead", ["surface", "diff", old, new])
                #expect(
                    plain.status == 1 && plain.output.contains("people › accounts › os:nobody: member → admin"),
                    "\(plain)")
                #expect(plain.output.split(separator: "\n").count == 1, "\(plain)")
                let same = try await Command.run(bulkhead.home + "/bin/bulkhead", ["surface", "diff", old, old])
                #expect(same.status == 0 && same.output.contains("The same"), "\(same)")
                let wrong = try await Command.run(
                    bulkhead.home + "/bin/bulkhead", ["surface", "diff", old, bulkhead.configuration])
                #expect(wrong.status > 1, "\(wrong)")
            }
        }
    }
}
