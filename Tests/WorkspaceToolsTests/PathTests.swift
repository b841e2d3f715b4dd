import Glibc
import MCP
import Testing
import WorkspaceTools

@Suite struct PathTests {
    @Test(arguments: [
        "/etc/passwd", "../../../../etc/passwd", "out/passwd", "absolute", "/proc/self/environ",
        "thread/../../../etc/passwd",
        "magic/environ", "up/etc/passwd", "loop", "",
    ])
    func nothingOutsideIsReadWrittenOrSearched(_ path: String) async throws {
        let workspace = try TemporaryWorkspace()
        for (link, target) in [
            ("out", "/etc"), ("absolute", "/etc/passwd"), ("magic", "/proc/self"), ("up", "../../../.."),
            ("loop", "loop"),
        ] {
            #expect(symlink(target, "\(workspace.thread)/\(link)") == 0)
        }
        let path = JSONValue.string(path)
        for (tool, arguments) in [
            ("read_file", ["path": path]), ("write_file", ["path": path, "content": "x"]),
            ("edit_file", ["path": path, "old_string": "root", "new_string": "x"]),
            ("host_get", ["path": path]), ("host_put", ["path": path, "data": "AAAA"]),
            ("host_put", ["path": path, "data": "AAAA", "append": true]),
        ] as [(String, JSONObject)] {
            let text = try await workspace.failure(tool, arguments)
            #expect(!text.contains("root:x:"))
        }
        if path != "" {
            _ = try await workspace.failure("grep", ["pattern": "root", "path": path])
            _ = try await workspace.failure("glob", ["pattern": "*", "path": path])
        }
    }

    @Test func aParentFolderThatLeadsOutIsNotMadeNorWrittenThrough() async throws {
        let workspace = try TemporaryWorkspace()
        let outside = try TemporaryWorkspace()
        #expect(symlink(outside.thread, "\(workspace.thread)/out") == 0)
        let text = try await workspace.failure("write_file", ["path": "out/new/file.txt", "content": "x"])
        #expect(text.contains("leads out of the workspace"))
        #expect(access("\(outside.thread)/new", F_OK) != 0)
    }

    @Test func linksThatStayInsideWork() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("a.txt", "inside")
        #expect(symlink("../thread/a.txt", "\(workspace.thread)/link") == 0)
        #expect(try await workspace.text("read_file", ["path": "link"]) == "inside")
        #expect(try await workspace.text("read_file", ["path": "../user/../thread/a.txt"]) == "inside")
        #expect(try await workspace.failure("write_file", ["path": "link", "content": "x"]).contains("symbolic link"))
    }

    @Test func whatIsNoFileNeitherBlocksNorIsRead() async throws {
        let workspace = try TemporaryWorkspace()
        #expect(mkfifo("\(workspace.thread)/fifo", 0o644) == 0)
        #expect(mkdir("\(workspace.thread)/folder", 0o755) == 0)
        _ = try await workspace.bash(
            "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")' || exit 1")
        for (path, word) in [("fifo", "named pipe"), ("folder", "folder"), ("socket", "socket")] {
            #expect(try await workspace.failure("read_file", ["path": .string(path)]).contains(word))
            _ = try await workspace.failure("write_file", ["path": .string(path), "content": "x"])
            _ = try await workspace.failure("host_get", ["path": .string(path)])
            let append: JSONObject = ["path": .string(path), "data": "AAAA", "append": true]
            _ = try await workspace.failure("host_put", append)
        }
        #expect(try await workspace.failure("grep", ["pattern": "x", "path": "fifo"]).contains("named pipe"))
    }

    @Test func namesMayBeAnything() async throws {
        let workspace = try TemporaryWorkspace()
        for name in ["ünï cödé 😀.txt", "-rf", "a\nb", "new/deep/er/file", " ", "\"quoted\"", "*"] {
            _ = try await workspace.text("write_file", ["path": .string(name), "content": "x"])
            #expect(try await workspace.text("read_file", ["path": .string(name)]) == "x")
        }
        for name in [
            "a\0b", String(repeating: "a", count: 5000), String(repeating: "a", count: 300), "x/", ".", "/", "..",
        ] {
            _ = try await workspace.failure("write_file", ["path": .string(name), "content": "x"])
        }
    }
}
