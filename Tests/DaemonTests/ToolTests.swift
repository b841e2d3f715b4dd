import Testing

extension SystemTests {
    /// What a model, or a program it runs, can do to the tools; through the whole chain, in real containers.
    @Suite struct ToolTests {
        /// The commands of the offline model that run side by side in one message.
        private func tools(
            _ bulkhead: Installation, _ commands: [String], thread: String? = nil
        ) async throws -> [Installation.Answer.Tool] {
            let chat = try await bulkhead.chat(
                commands.joined(separator: "\n"), thread.map { ["--thread", $0] } ?? [])
            #expect(chat.result.status == 0, "\(chat.result.errors)")
            let tools = chat.answer?.tools ?? []
            try #require(tools.count == commands.count, "\(chat.result.output)")
            return tools
        }

        @Test func commandsThatMisbehaveAreEndedAndTold() async throws {
            try await withInstallation { bulkhead in
                let started = ContinuousClock.now
                let results = try await tools(
                    bulkhead,
                    [
                        "run yes",
                        "run head -c 100000 /dev/urandom",
                        "run printf 'a\\0b\\033[31mc\\377'",
                        #"call bash {"command": "trap '' TERM INT HUP; while :; do sleep 1; done", "timeout_seconds": 1}"#,
                        "run (trap '' HUP; exec sleep 1000) & echo started",
                        "run mkdir gone; cd gone; rmdir ../gone; echo in it",
                        "run pwd; echo alive",
                        "run kill -9 $$",
                        "run head -c 100 /dev/zero > /dev/full",
                        "run cat",
                        "run exit 7",
                    ])
                func result(_ index: Int) -> String { results[index].result ?? "" }
                #expect(results[0].state == "failed" && result(0).contains("8 MiB"), "\(result(0).suffix(500))")
                #expect(results[1].state == "done" && result(1).utf8.count < 70_000)
                #expect(result(2).contains("\\x00") || result(2).contains("␀"), "\(result(2))")
                #expect(!result(2).unicodeScalars.contains("\u{1B}"), "\(result(2))")
                #expect(result(3).contains("time-out of 1 s"), "\(result(3))")
                #expect(result(4).contains("started"), "\(result(4))")
                #expect(results[4].state == "done")
                #expect(result(6).contains("alive"), "\(result(6))")
                #expect(result(7).contains("signal 9"), "\(result(7))")
                #expect(result(8).contains("No space left"), "\(result(8))")
                #expect(results[9].state == "done", "\(result(9))")
                #expect(result(10).contains("7"), "\(result(10))")
                #expect(ContinuousClock.now - started < .seconds(30))
            }
        }

        @Test func pathsLeadNowhereElse() async throws {
            try await withInstallation(settings: "uploads:\n  file_bytes: 2MiB") { bulkhead in
                let prepare =
                    "run ln -s /etc/passwd link; ln -s / root; ln -s /dev/zero zero; mkdir dir; truncate -s 2G big.bin; ln -s link2 link2"
                let first = try await bulkhead.chat(prepare)
                #expect(first.answer?.tools?.map(\.state) == ["done"], "\(first.result.output)")
                let thread = try #require(first.answer?.conversation)
                let refused = try await tools(
                    bulkhead,
                    [
                        "read /etc/passwd", "read ../../etc/passwd", "read link", "read root/etc/passwd", "read zero",
                        "read /dev/zero", "read dir", "read link2", "read nothing.txt",
                        "write /etc/passwd: x", "write link: x", "write root/tmp/x: x", "write dir: x",
                        "write /workspace/global/x.txt: x", "edit link: root => x", "publish /etc/passwd",
                        "publish link",
                        "publish zero", "publish big.bin", "publish dir", "publish nothing.txt",
                        "find * in /etc", "search root in /etc", "search root in root/etc",
                        #"call read_file {"path": "a\u0000b"}"#,
                        #"call read_file {"path": ""}"#,
                        #"call read_file {"file": "x"}"#,
                    ], thread: thread)
                for tool in refused {
                    let result = tool.result ?? ""
                    #expect(["failed", "denied"].contains(tool.state), "\(tool.tool): \(tool.state) \(result)")
                    #expect(!result.contains("root:x:0") && !result.contains("daemon:"), "\(result)")
                    #expect(result.utf8.count > 15, "\(tool.tool): \(result)")
                    #expect(tool.milliseconds ?? 0 < 5000, "\(tool.tool): \(result)")
                }
                let unknown = try await bulkhead.chat("call no_such_tool {}", ["--thread", thread])
                #expect(unknown.answer?.reply?.contains("no_such_tool") == true, "\(unknown.result.output)")
                // Nothing that waits for the other end can be made here at all.
                let pipe = try await tools(bulkhead, ["run mkfifo pipe"], thread: thread)
                #expect(pipe[0].result?.contains("not permitted") == true, "\(pipe[0].result ?? "")")
                // Neither 2 GB in memory nor minutes.
                let big = try await tools(bulkhead, ["read big.bin", "run ls -l big.bin /etc/passwd"], thread: thread)
                #expect((big[0].result ?? "").utf8.count < 100_000)
                #expect(big[0].milliseconds ?? 0 < 3000)
                #expect(big[1].state == "done", "\(big[1].result ?? "")")
            }
        }
    }
}
