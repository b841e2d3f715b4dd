import Foundation
import Testing

extension SystemTests {
    /// Messages nobody should send, by the command line and by the API.
    @Suite struct MessageTests {
        @Test func messagesThatCannotBeTakenAreRefusedInWords() async throws {
            try await withInstallation { bulkhead in
                let channel = try await bulkhead.directChannel()
                let program = "\(bulkhead.home)/bin/bulkhead chat --config \(bulkhead.configuration)"

                for (script, status, sentence) in [
                    ("head -c 10000000 /dev/zero | tr '\\0' x | \(program) --once -", 1, "Attach it as a file"),
                    ("head -c 30000000 /dev/zero | tr '\\0' x | \(program) --once -", 2, "too long for a message"),
                    ("\(program) --once ''", 2, "The message is empty."),
                    ("printf ' \\n\\t ' | \(program) --once -", 2, "The message is empty."),
                    ("printf 'echo \\377\\376' | \(program) --once -", 2, "no UTF-8 text"),
                    ("\(program) --once $'echo \\xff\\xfe'", 2, "no UTF-8 text"),
                    ("printf 'echo \\377\\376\\n' | \(program)", 2, "no UTF-8 text"),
                ] {
                    let result = try await Command.run("/bin/bash", ["-c", script])
                    #expect(result.status == status, "\(script): \(result.output)\(result.errors)")
                    #expect(result.errors.contains(sentence), "\(script): \(result.output)\(result.errors)")
                }

                func submit(_ text: String) -> [UInt8] {
                    Array("{\"channel\":\"\(channel)\",\"client_id\":\"c\",\"text\":\"".utf8) + text.utf8
                        + Array("\"}".utf8)
                }
                for (body, status, sentence) in [
                    (submit(String(repeating: "x", count: 10_000_000)), 413, "Attach it as a file"),
                    (submit(""), 400, "empty"), (submit(" \\n\\u00a0"), 400, "empty"),
                    (Array(submit("x").dropLast(2)) + [0xFF, 0xFE] + Array("\"}".utf8), 400, "not valid JSON"),
                    (submit("raw \u{1}"), 400, "not valid JSON"), (submit("\\ud800"), 400, "not valid JSON"),
                    (Array("[]".utf8), 400, "JSON object"), ([], 400, "not valid JSON"),
                ] {
                    let answer = try await bulkhead.api("POST", "messages", body: Data(body))
                    #expect(answer.status == status, "\(answer.body)")
                    #expect(answer.message?.contains(sentence) == true, "\(answer.body)")
                }
                // None of it began a conversation.
                let left = try await bulkhead.api("GET", "channels/\(channel)")
                #expect((left["conversations"] as? [Any])?.isEmpty == true, "\(left.body)")
            }
        }

        /// They are words like others: kept as they are, drawn as marks, obeyed by nobody.
        @Test func controlCharactersAreKeptAndShownHarmlessly() async throws {
            try await withInstallation { bulkhead in
                let hostile = "\u{1B}]0;title\u{7}\u{1B}[2J\u{202E}gnp\u{0}\u{8}"
                let channel = try await bulkhead.directChannel()
                let answer = try await bulkhead.api(
                    "POST", "messages", json: ["channel": channel, "client_id": "c", "text": "say " + hostile])
                #expect(answer.status == 202, "\(answer.body)")
                let conversation = try #require(answer["conversation"] as? String)
                try await eventually("an answer") { try await bulkhead.transcript(of: conversation).count == 2 }
                let lines = try await bulkhead.transcript(of: conversation)
                // Only the NUL cannot be stored.
                #expect(lines[0] == "user: say " + hostile.replacing("\0", with: "\u{FFFD}"), "\(lines)")

                let shown = try await bulkhead.bulkhead(["chat", "--once", "say \u{1B}[2Jx\u{202E}y"])
                #expect(shown.status == 0)
                #expect(!shown.output.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" }, "\(shown.output)")
                #expect(shown.output.contains("⟨U+202E⟩"), "\(shown.output)")
            }
        }

        @Test func anUploadThatIsTooLargeIsRefused() async throws {
            try await withInstallation(settings: "uploads:\n  file_bytes: 1MiB") { bulkhead in
                let file = bulkhead.home + "/large"
                try await Command.shell("truncate -s 2G \(file)")
                let answer = try await bulkhead.api("POST", "uploads?name=large", file: file)
                #expect(answer.status == 413, "\(answer.body)")
                #expect(answer.message?.contains("1 M") == true, "\(answer.body)")
                let attached = try await bulkhead.chat("read", ["--attach", file])
                #expect(attached.result.status != 0)
                #expect(attached.result.errors.contains("large"), "\(attached.result.errors)")
            }
        }
    }
}
