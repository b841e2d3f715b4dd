import MCP
import SlackAPI
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SlackFileTests {
    @Test func bytesGoUpAndComeBack() async throws {
        try await SimulatedSlack.with { slack in
            let channel = try await slack.channel()
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await slack.withClient { client in
                let root = try await client.post(SlackPost(channel: channel, text: "here"))
                let files = try await client.upload(
                    [
                        SlackUpload(name: "a b ü.bin", title: "Two & three", bytes: bytes),
                        SlackUpload(name: "b.txt", bytes: Array("text".utf8)),
                    ], channel: channel, thread: root.ts, comment: "both")
                #expect(files.map(\.name) == ["a b ü.bin", "b.txt"] && files.first?.title == "Two & three")
                let shown = try await client.replies(channel, thread: root.ts).all().last
                #expect(shown?.text == "both" && shown?.files.count == 2)
                let first = try await client.fileInfo(try #require(files.first?.id))
                #expect(try await client.download(first, mostBytes: 1 << 20) == bytes)
                try await client.deleteFile(first.id)
                try await client.deleteFile(first.id)
                let gone = await #expect(throws: SlackError.self) {
                    try await client.download(first, mostBytes: 1 << 20)
                }
                #expect(gone?.kind == .notThere)
            }
        }
    }

    /// The token goes to the methods, and not along with the bytes: the address of an upload is its own permission.
    @Test func bytesThatDoNotArriveAreSentAgain() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.fault(["method": "files.upload", "kind": "reset", "times": 1])
            try await slack.fault(["method": "files.upload", "kind": "status", "status": 500, "times": 1])
            let channel = try await slack.channel()
            try await slack.withClient { client in
                let files = try await client.upload(
                    [SlackUpload(name: "a.txt", bytes: [65])], channel: channel)
                #expect(files.count == 1)
            }
            #expect(try await slack.journal("fault").count == 2)
            #expect(try await slack.messages().count == 1)
            try await slack.fault(["method": "files.upload", "kind": "status", "times": .null])
            try await slack.withClient { client in
                let error = await #expect(throws: SlackError.self) {
                    try await client.upload([SlackUpload(name: "a.txt", bytes: [65])], channel: channel)
                }
                #expect(error?.kind == .transient)
                let empty = await #expect(throws: SlackError.self) {
                    try await client.upload([SlackUpload(name: "a.txt", bytes: [])], channel: channel)
                }
                #expect(empty?.code == "empty_file")
            }
            #expect(try await slack.messages().count == 1)
        }
    }

    @Test func aFileIsTakenUpToItsLimitAndNoFurther() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.act(
                "ada", "upload",
                ["channel": "general", "name": "a.txt", "content": .string(String(repeating: "x", count: 5000))])
            let channel = try await slack.channel()
            try await slack.withClient { client in
                let file = try #require(try await client.history(channel).all().first?.files.first)
                #expect(try await client.download(file, mostBytes: 5000).count == 5000)
                let error = await #expect(throws: SlackError.self) { try await client.download(file, mostBytes: 4999) }
                #expect(error?.code == "too_large")
                // Also where Slack had announced less.
                guard case .object(var json) = file.json else { return }
                json["size"] = 10
                let lied = try #require(SlackFile(.object(json)))
                let late = await #expect(throws: SlackError.self) { try await client.download(lied, mostBytes: 4999) }
                #expect(late?.code == "too_large")
            }
        }
    }

    @Test func slacksSignInPageIsNotTheFile() async throws {
        try await SimulatedSlack.with { slack in
            try await slack.act("ada", "upload", ["channel": "general", "name": "a.txt", "content": "secret"])
            let channel = try await slack.channel()
            try await slack.withClient { client in
                let file = try #require(try await client.history(channel).all().first?.files.first)
                try await slack.control("POST", "apps/helper", ["revoke": ["files:read"]])
                let error = await #expect(throws: SlackError.self) { try await client.download(file, mostBytes: 5000) }
                #expect(error?.kind == .auth && error?.code == "sign_in")
            }
        }
    }

    /// A message can name any address as a file's: the token goes to Slack's alone.
    @Test func theTokenIsNotSentToWhereAMessageSays() async throws {
        try await SimulatedSlack.with { other in
            try await SimulatedSlack.with { slack in
                try await slack.withClient { client in
                    for address in [
                        other.url + "/files-pri/T1-F1/a.txt", "https://files.slack.com/files-pri/T1-F1/a.txt",
                        "http://evil.test/a.txt", "https://evil.test/a.txt",
                        slack.url.replacing("127.0.0.1", with: "localhost"),
                    ] {
                        let file = try #require(
                            SlackFile(["id": "F1", "name": "a.txt", "url_private": .string(address)]))
                        let error = await #expect(throws: SlackError.self) {
                            try await client.download(file, mostBytes: 100)
                        }
                        #expect(["refused_address", "no_address"].contains(error?.code ?? ""), "\(address)")
                    }
                }
            }
            #expect(try await other.journal("downloaded").isEmpty)
        }
    }
}
