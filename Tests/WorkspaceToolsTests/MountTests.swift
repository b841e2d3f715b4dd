import MCP
import Testing
import WorkspaceTools

@Suite struct MountTests {
    private static let table = MountTable(
        """
        36 35 98:0 /mnt1 /workspace/thread rw,nosuid,nodev,noatime master:1 - ext3 /dev/root rw,errors=continue
        37 35 98:0 /mnt2 /workspace/with\\040space ro,nosuid,nodev - ext3 /dev/root rw
        38 35 98:0 /mnt3 /twice rw,nosuid,nodev - ext3 /dev/root rw
        39 38 98:0 /mnt4 /twice ro - ext3 /dev/root rw
        short line
        """)

    @Test func theTableIsRead() {
        #expect(Self.table.mount(at: "/workspace/thread")?.options == ["rw", "nosuid", "nodev", "noatime"])
        #expect(Self.table.mount(at: "/workspace/with space") != nil)
        #expect(Self.table.mount(at: "/twice")?.options == ["ro"])
        #expect(Self.table.mount(at: "/workspace") == nil)
    }

    @Test func whatIsNotAsItShouldBeIsSaid() {
        #expect(HostCheckTool.problems("/workspace", isWritable: true, Self.table) == ["nothing is mounted here"])
        let problems = HostCheckTool.problems("/twice", isWritable: true, Self.table)
        #expect(problems.contains("is mounted without nosuid"))
        #expect(problems.contains("is mounted without nodev"))
        #expect(problems.contains("is mounted without rw"))
        #expect(problems.contains { $0.hasPrefix("is not writable") })
    }

    @Test func theRunningSystemIsLookedAt() async throws {
        let workspace = try TemporaryWorkspace()
        let check: JSONObject = [
            "mounts": [["path": "/proc", "access": "rw"], ["path": .string(workspace.root), "access": "ro"]]
        ]
        let text = try await workspace.failure("host_check", check)
        #expect(text.contains("/proc: is not writable"))
        #expect(text.contains("\(workspace.root): nothing is mounted here"))
        #expect(try await workspace.text("host_check", ["mounts": []]) == "{\"mounts\":0}")
        _ = try await workspace.failure("host_check", ["mounts": [["path": "/proc", "access": "maybe"]]])
    }
}
