import Foundation
import Testing

extension SystemTests {
    /// The Docker Engine as it can be: absent, closed to us, without our images, dead in the middle of things.
    @Suite struct EngineTests {
        private static let absent = (
            socket: "/nonexistent/docker.sock",
            images: (
                agent: "bulkhead-agent:\(Installation.imageTag)",
                workspace: "bulkhead-workspace:\(Installation.imageTag)"
            )
        )

        private func expectNotice(
            _ bulkhead: Installation, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let answer = try await bulkhead.chat("echo hello")
            #expect(answer.result.status == 1, "\(answer.result.errors)", sourceLocation: sourceLocation)
            #expect(answer.answer?.kind == "notice", "\(answer.result.output)", sourceLocation: sourceLocation)
            let reply = answer.answer?.reply ?? ""
            #expect(reply.contains(sentence), "\(reply)", sourceLocation: sourceLocation)
            #expect(reply.contains("bulkhead doctor"), "\(reply)", sourceLocation: sourceLocation)
        }

        @Test func withoutAnEngineEachMessageSaysSo() async throws {
            try await withInstallation(engine: Self.absent) { bulkhead in
                try await expectNotice(bulkhead, "no Docker Engine answers at /nonexistent/docker.sock: start it")
            }
        }

        @Test func aMissingImageIsNamed() async throws {
            let engine = (
                socket: "/var/run/docker.sock",
                images: (agent: "bulkhead-agent:nowhere", workspace: "bulkhead-workspace:\(Installation.imageTag)")
            )
            try await withInstallation(engine: engine) { bulkhead in
                try await expectNotice(bulkhead, "bulkhead-agent:nowhere")
            }
            let second = (
                socket: "/var/run/docker.sock",
                images: (agent: "bulkhead-agent:\(Installation.imageTag)", workspace: "bulkhead-workspace:nowhere")
            )
            try await withInstallation(engine: second) { bulkhead in
                try await expectNotice(bulkhead, "there is no image bulkhead-workspace:nowhere: build the images")
            }
        }

        /// Root may do everything, unless that was taken from it; then the broker says what it lacks.
        @Test func anEngineSocketThatIsNotOursIsSaidToBe() async throws {
            let socket = "/run/bulkhead-closed-\(UInt32.random(in: 0...UInt32.max)).sock"
            let holder = try Command(
                "/usr/bin/python3",
                [
                    "-uc",
                    "import os, socket, sys; s = socket.socket(socket.AF_UNIX); s.bind('\(socket)'); s.listen(); os.chown('\(socket)', 65534, 65534); os.chmod('\(socket)', 0o600); print('up'); sys.stdin.read()",
                ], holdsInput: true)
            try await eventually("a closed socket") { holder.output.contains("up") }
            defer { unlink(socket) }
            try await withInstallation(engine: (socket, Self.absent.images), isStarted: false) { bulkhead in
                try await bulkhead.startBroker(without: "dac_override")
                try await bulkhead.startDaemon()
                try await expectNotice(bulkhead, "no permission to use the Docker Engine at \(socket)")
            }
            holder.signal(SIGKILL)
            _ = await holder.finish()
        }

        @Test func withoutABrokerEachMessageSaysSoAndGoesOnOnceItIsThere() async throws {
            try await withInstallation(isStarted: false) { bulkhead in
                try await bulkhead.startDaemon()
                try await expectNotice(bulkhead, "broker")
                try await bulkhead.startBroker()
                try await eventually("a sandbox") {
                    try await bulkhead.chat("run echo hello").answer?.reply?.contains("hello") == true
                }
            }
        }

        @Test func anEngineThatDiesCostsTheTurnAndNothingElse() async throws {
            let engine = PrivateEngine()
            try await engine.start()
            do {
                try await engine.importImages()
                try await withInstallation(engine: (engine.socket, engine.images)) { bulkhead in
                    let first = try await bulkhead.chat("write kept.txt: kept words")
                    #expect(first.result.status == 0, "\(first.result.output)")
                    let thread = try #require(first.answer?.conversation)
                    let under = try bulkhead.startChat("read kept.txt\nwait 60", ["--thread", thread])
                    try await bulkhead.wait(forTool: "read_file", in: thread)
                    await engine.kill()
                    let cut = await Installation.ChatResult(under)
                    #expect(cut.result.status == 1)
                    #expect(cut.answer?.kind == "notice")
                    #expect(cut.answer?.reply?.contains("The container engine stopped") == true, "\(cut.result.output)")
                    let meanwhile = try await bulkhead.chat("read kept.txt", ["--thread", thread])
                    #expect(
                        meanwhile.answer?.reply?.contains("no Docker Engine answers") == true,
                        "\(meanwhile.result.output)")

                    try await engine.start()
                    try await eventually("an answer", within: .seconds(40)) {
                        let again = try await bulkhead.chat("read kept.txt", ["--thread", thread])
                        return again.answer?.reply?.contains("kept words") == true
                    }
                    let lines = try await bulkhead.transcript(of: thread)
                    #expect(lines.filter { $0.hasPrefix("user: read kept.txt\nwait") }.count == 1, "\(lines)")
                    #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
                    // What ran before is gone: only this life's agents and the one workspace are there.
                    try await eventually("removed leftovers") {
                        let names = try await engine.docker("ps", "-a", "--format", "{{.Names}}").output.split(
                            separator: "\n")
                        return names.count { $0.contains("-workspace") } == 1
                            && names.count { $0.contains("-agent") } <= 3
                    }
                    await bulkhead.stopDaemon()
                    await bulkhead.stopBroker()
                    #expect(try await engine.docker("ps", "-aq").output == "")
                }
            } catch {
                Issue.record("\(error)")
            }
            try await engine.remove()
        }
    }
}
