import Glibc
import MCP
import Testing
import WorkspaceTools

@Suite struct FileToolTests {
    @Test func writingSaysWhatItDidAndKeepsPermissions() async throws {
        let workspace = try TemporaryWorkspace()
        #expect(
            try await workspace.text("write_file", ["path": "a/b.sh", "content": "one\ntwo"])
                == "Created a/b.sh: 7 bytes, 2 lines.")
        #expect(chmod("\(workspace.thread)/a/b.sh", 0o755) == 0)
        #expect(
            try await workspace.text("write_file", ["path": "a/b.sh", "content": ""])
                == "Overwrote a/b.sh: 0 bytes, 0 lines.")
        #expect(access("\(workspace.thread)/a/b.sh", X_OK) == 0)
        #expect(try await workspace.text("glob", ["pattern": "**"]) == "a/\na/b.sh")
    }

    @Test func aFailedWriteLeavesTheOldFileAndNoOther() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("a", "old")
        #expect(mkdir("\(workspace.thread)/b", 0o755) == 0)
        _ = try await workspace.failure("write_file", ["path": "b", "content": "x"])
        _ = try await workspace.failure("write_file", ["path": "a/b", "content": "x"])
        #expect(try workspace.content("a") == "old")
        #expect(try await workspace.text("glob", ["pattern": "**"]) == "a\nb/")
    }

    @Test func readingByLines() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("n", (1...5000).map { "line \($0)\n" }.joined())
        let first = try await workspace.text("read_file", ["path": "n"])
        #expect(first.hasPrefix("line 1\nline 2\n"))
        #expect(first.hasSuffix("line 2000\n[lines 1 to 2000; more follows, read on with offset 2001]"))
        let last = try await workspace.text("read_file", ["path": "n", "offset": 4999, "limit": 10])
        #expect(last == "line 4999\nline 5000\n[lines 4999 to 5000; the end]")
        #expect(
            try await workspace.failure("read_file", ["path": "n", "offset": 5001]).contains("fewer than 5001 lines"))
        try workspace.put("one", "no newline")
        #expect(try await workspace.text("read_file", ["path": "one"]) == "no newline")
        #expect(try await workspace.failure("read_file", ["path": "one", "offset": 2]).contains("fewer"))
        try workspace.put("empty", "")
        #expect(try await workspace.text("read_file", ["path": "empty"]) == "[empty is empty]")
    }

    @Test func hugeLinesAndHugeFilesAreCut() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("wide", String(repeating: "x", count: 100_000) + "\nnext\n")
        let wide = try await workspace.text("read_file", ["path": "wide"])
        #expect(wide.utf8.count < 20_000)
        #expect(wide.contains("[… line cut]\nnext\n"))
        let many = (0..<200_000).map { "\($0) some text to fill the line\n" }.joined()
        try workspace.put("long", many)
        let long = try await workspace.text("read_file", ["path": "long", "limit": 100_000])
        #expect(long.utf8.count < 140_000)
        #expect(long.contains("more follows"))
    }

    @Test func aFileOfTwoGigabytesIsNotLoaded() async throws {
        let workspace = try TemporaryWorkspace()
        let path = "\(workspace.thread)/sparse"
        try workspace.put("sparse", "text first\n")
        #expect(truncate(path, 2 << 30) == 0)
        let text = try await workspace.text("read_file", ["path": "sparse"])
        #expect(text.contains("2147483648 bytes"))
        #expect(
            try await workspace.failure("edit_file", ["path": "sparse", "old_string": "a", "new_string": "b"]).contains(
                "16 MiB"))
        let piece = try await workspace.call("host_get", ["path": "sparse", "offset": 2_147_483_640, "length": 100])
        #expect(piece.structuredContent == ["data": "AAAAAAAAAAA=", "size": 2_147_483_648, "eof": true])
    }

    @Test(
        arguments: [
            ([0x50, 0x4B, 3, 4], "zip archive"), ([0x7F, 0x45, 0x4C, 0x46], "program"), ([1, 2, 0, 4], "binary data"),
            ([0xFF, 0xFE, 0x41, 0], "UTF-16"), ([0x1F, 0x8B, 8, 0], "gzip"),
        ] as [([UInt8], String)])
    func binaryFilesAreDescribed(_ bytes: [UInt8], _ word: String) async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("file", bytes)
        let text = try await workspace.text("read_file", ["path": "file"])
        #expect(text.contains(word))
        #expect(text.contains("4 bytes"))
    }

    @Test func textThatIsNotUTF8IsShownAndSaid() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("latin1", [0x63, 0x61, 0x66, 0xE9, 0x0A])
        #expect(try await workspace.text("read_file", ["path": "latin1"]) == "caf\u{FFFD}\n" + VisibleText.note)
    }

    @Test func imagesAreShown() async throws {
        let workspace = try TemporaryWorkspace()
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]
        try workspace.put("picture.txt", png)
        let result = try await workspace.call("read_file", ["path": "picture.txt"])
        #expect(result.content == [.image(data: Base64.encode(png), mimeType: "image/png")])
        #expect(truncate("\(workspace.thread)/picture.txt", 5_000_000) == 0)
        #expect(try await workspace.failure("read_file", ["path": "picture.txt"]).contains("Make it smaller"))
    }

    @Test func edits() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("a", "one\ntwo\nthree\ntwo\n")
        let several = try await workspace.failure("edit_file", ["path": "a", "old_string": "two", "new_string": "2"])
        #expect(several.contains("2 times (lines 2, 4)"))
        #expect(
            try await workspace.text(
                "edit_file", ["path": "a", "old_string": "two", "new_string": "2", "replace_all": true])
                == "Edited a in 2 places (lines 2, 4).")
        #expect(
            try await workspace.text("edit_file", ["path": "a", "old_string": "2\nthree", "new_string": ""])
                == "Edited a at line 2.")
        #expect(try workspace.content("a") == "one\n\n2\n")
        let missing = try await workspace.failure("edit_file", ["path": "a", "old_string": "  one", "new_string": "x"])
        #expect(missing.contains("Line 1 is nearest"))
        #expect(
            try await workspace.failure("edit_file", ["path": "none", "old_string": "a", "new_string": "b"]).contains(
                "no such file"))
    }

    @Test func hostPutsAndGets() async throws {
        let workspace = try TemporaryWorkspace()
        let path = JSONValue.string("\(workspace.root)/session/deep/result.txt")
        _ = try await workspace.text("host_put", ["path": path, "data": .string(Base64.encode(Array("hello ".utf8)))])
        let put = try await workspace.call(
            "host_put", ["path": path, "data": .string(Base64.encode(Array("world".utf8))), "append": true])
        #expect(put.structuredContent?["size"] == 11)
        let get = try await workspace.call("host_get", ["path": path, "offset": 6, "length": 3])
        #expect(get.structuredContent == ["data": .string(Base64.encode(Array("wor".utf8))), "size": 11, "eof": false])
        let beyond = try await workspace.call("host_get", ["path": path, "offset": 100])
        #expect(beyond.structuredContent == ["data": "", "size": 11, "eof": true])
        _ = try await workspace.text("host_put", ["path": path, "data": "AAAA", "mode": 0o600])
        #expect(try await workspace.failure("host_put", ["path": path, "data": "?"]).contains("base64"))
    }

    @Test func theHarnessesOwnToolsAreNotListed() async throws {
        let workspace = try TemporaryWorkspace()
        let tools = try await workspace.server.listTools(cursor: nil).tools
        #expect(tools.map(\.name) == ["bash", "read_file", "write_file", "edit_file", "glob", "grep"])
        for tool in tools {
            #expect(tool.inputSchema["additionalProperties"] == false)
            #expect(tool.description.count > 50)
            #expect(tool.annotations != nil)
        }
        await #expect(throws: MCPError.self) { _ = try await workspace.call("nothing", [:]) }
    }
}
