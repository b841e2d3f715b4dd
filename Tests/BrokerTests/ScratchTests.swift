import Broker
import BrokerClient
import BrokerProtocol
import Glibc
import Logging
import Model
import Testing

/// Deleting what hostile code wrote. Needs root, not the engine: the volumes are laid out by hand as it would leave them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ScratchTests {
    private static let session = SessionID(trusted: "s1")

    /// A volume `session/s1` under a serving broker; `body` gets its path.
    private static func withVolume(
        _ body: @Sendable @escaping (_ volume: String, BrokerClient, BrokerConfiguration) async throws -> Void
    ) async throws {
        try await BrokerServerTests.withServer { configuration in
            let root = configuration.volumeRoot
            let volume = root + "/session/s1"
            try #require(mkdir(root + "/session", 0o710) == 0 && mkdir(volume, 0o700) == 0)
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(volume, BrokerClient(path: configuration.socketPath), configuration))
            } catch {
                result = .failure(error)
            }
            try shell("rm -rf --one-file-system '\(root)/session' '\(root)/thread' '\(root)/discarded'")
            try result.get()
        }
    }

    private static func shell(_ script: String) throws {
        var child: pid_t = 0
        var argv: [UnsafeMutablePointer<CChar>?] = (["sh", "-ec", script] as [String]).map { strdup($0) }
        argv.append(nil)
        defer { for argument in argv { free(argument) } }
        try #require(posix_spawn(&child, "/bin/sh", nil, nil, &argv, environ) == 0)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        struct Failure: Error { let script: String }
        guard status == 0 else { throw Failure(script: script) }
    }

    private static func exists(_ path: String) -> Bool {
        var about = stat()
        return lstat(path, &about) == 0
    }

    private static func entries(_ path: String) -> Int {
        guard let directory = opendir(path) else { return 0 }
        defer { closedir(directory) }
        var count = -2
        while readdir(directory) != nil { count += 1 }
        return count
    }

    /// Deleting goes on after the answer.
    private static func untilDeleted(_ configuration: BrokerConfiguration) async -> Int {
        let deadline = ContinuousClock.now + .seconds(60)
        let path = configuration.volumeRoot + "/discarded"
        // Looked at now and then: reading the directory all the time would keep the broker from changing it.
        while entries(path) > 0, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
        return entries(path)
    }

    /// Until `find` sees so many entries: `discarded`, one directory directly in it, and what cannot go.
    private static func untilLeft(_ count: Int, _ configuration: BrokerConfiguration) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if (try? shell("test $(find '\(configuration.volumeRoot)/discarded' | wc -l) = \(count)")) != nil {
                return true
            }
        }
        return false
    }

    @Test func theScratchOfOneSessionGoesAndNothingElse() async throws {
        try await Self.withVolume { volume, client, configuration in
            let root = configuration.volumeRoot
            try Self.shell("mkdir -p \(root)/session/s2 \(root)/thread/s1; touch \(volume)/a \(root)/thread/s1/a")
            #expect(try await client.scratches(after: nil).map(\.rawValue) == ["s1", "s2"])
            #expect(try await client.scratches(after: Self.session).map(\.rawValue) == ["s2"])
            try await client.discardScratch(of: Self.session)
            #expect(!Self.exists(volume))
            #expect(await Self.untilDeleted(configuration) == 0)
            #expect(try await client.scratches(after: nil).map(\.rawValue) == ["s2"])
            #expect(Self.exists(root + "/thread/s1/a"))
            // Once more, and one that never was: done already.
            try await client.discardScratch(of: Self.session)
            try await client.discardScratch(of: SessionID(trusted: "never"))
        }
    }

    @Test func linksAreRemovedAndNotFollowed() async throws {
        try await Self.withVolume { volume, client, configuration in
            let outside = configuration.volumeRoot + "/thread"
            try Self.shell(
                """
                mkdir -p \(outside)/kept \(volume)/deep/er; echo keep > \(outside)/kept/file
                ln -s \(outside) \(volume)/link; ln -s \(outside)/kept \(volume)/deep/er/link; ln -s /etc \(volume)/etc
                ln -s . \(volume)/self; ln \(outside)/kept/file \(volume)/hard; mkfifo \(volume)/fifo
                python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("\(volume)/sock")'
                printf x > "$(printf '\(volume)/not-utf8-\\377')"; chmod 1000 \(volume)/deep
                """)
            try await client.discardScratch(of: Self.session)
            #expect(await Self.untilDeleted(configuration) == 0)
            #expect(Self.exists(outside + "/kept/file") && Self.exists("/etc/passwd"))
        }
    }

    @Test func nestingIsNoDefence() async throws {
        try await Self.withVolume { volume, client, configuration in
            // 3,000 levels of 200 bytes: more than a hundred times what a path may have.
            try Self.shell(
                """
                python3 - <<'END'
                import os
                os.chdir("\(volume)")
                for _ in range(3000):
                    os.mkdir("d" * 200); os.chdir("d" * 200)
                open("bottom", "w").close()
                END
                """)
            try await client.discardScratch(of: Self.session)
            #expect(await Self.untilDeleted(configuration) == 0)
        }
    }

    @Test func manyFilesHoldNobodyUp() async throws {
        try await Self.withVolume { volume, client, configuration in
            try Self.shell(
                """
                python3 - <<'END'
                import os
                for d in range(5):
                    os.mkdir(f"\(volume)/{d}")
                    for f in range(2000): os.close(os.open(f"\(volume)/{d}/{f}", os.O_CREAT))
                END
                """)
            let start = ContinuousClock.now
            try await client.discardScratch(of: Self.session)
            _ = try await client.list()
            // The answer does not wait for the deleting.
            #expect(ContinuousClock.now - start < .seconds(2))
            #expect(await Self.untilDeleted(configuration) == 0)
        }
    }

    @Test func aMountInsideIsNotEntered() async throws {
        try await Self.withVolume { volume, client, configuration in
            let outside = configuration.volumeRoot + "/thread"
            try Self.shell(
                "mkdir -p \(outside)/kept \(volume)/a/mnt; touch \(outside)/direct \(outside)/kept/file \(volume)/a/f")
            try #require(mount(outside, volume + "/a/mnt", nil, UInt(MS_BIND), nil) == 0)
            try await client.discardScratch(of: Self.session)
            // What is not the mount goes; what cannot go is left for the next start.
            #expect(await Self.untilLeft(6, configuration))
            #expect(Self.exists(outside + "/kept/file"))
            // Nor one where a volume would be.
            let top = configuration.volumeRoot + "/discarded/mounted"
            try #require(mkdir(top, 0o700) == 0 && mount(outside, top, nil, UInt(MS_BIND), nil) == 0)
            try await Self.again(client, configuration)
            #expect(await Self.untilLeft(10, configuration))
            #expect(Self.exists(outside + "/kept/file") && Self.exists(outside + "/direct"))
            try Self.shell("umount $(grep -o '\(configuration.volumeRoot)/discarded/[^ ]*' /proc/self/mountinfo)")
            try await Self.again(client, configuration)
            #expect(await Self.untilDeleted(configuration) == 0)
        }
    }

    @Test func whatCannotBeDeletedIsLeftAndTriedAgain() async throws {
        try await Self.withVolume { volume, client, configuration in
            try Self.shell("mkdir \(volume)/a; touch \(volume)/a/fixed \(volume)/b; chattr +i \(volume)/a/fixed")
            try await client.discardScratch(of: Self.session)
            #expect(await Self.untilLeft(3, configuration))
            try Self.shell("chattr -R -i \(configuration.volumeRoot)/discarded")
            try await Self.again(client, configuration)
            #expect(await Self.untilDeleted(configuration) == 0)
        }
    }

    /// Another volume is discarded: what was left is tried with it.
    private static func again(_ client: BrokerClient, _ configuration: BrokerConfiguration) async throws {
        try #require(mkdir(configuration.volumeRoot + "/session/s9", 0o700) == 0)
        try await client.discardScratch(of: SessionID(trusted: "s9"))
    }

    @Test func aCrashBeforeTheDeletingIsMadeGoodAtTheNextStart() async throws {
        try await Self.withVolume { _, _, configuration in
            let discarded = configuration.volumeRoot + "/discarded"
            try Self.shell("mkdir -p \(discarded)/old/deep; touch \(discarded)/old/deep/f")
            let next = try BrokerServer(
                configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(await Self.untilDeleted(configuration) == 0)
            _ = next
        }
    }
}
