import Foundation
import Testing

extension SystemTests {
    /// Where labels go, with real sandboxes: the files are real, and so are the mounts.
    @Suite struct LabelSystemTests {
        @Test func aPrivateSessionWritesNothingOthersReadAndItsAnswerIsPostedByItsRequester() async throws {
            try await withInstallation { bulkhead in
                try await bulkhead.makeTeam()
                let request = """
                    write /workspace/group/shared/before.txt: old
                    call open_personal_folder {}
                    run echo 'the secret' > /workspace/user/s.txt && cat /workspace/user/s.txt
                    run echo x > /workspace/thread/x.txt
                    run echo x > /workspace/group/shared/y.txt
                    run echo x > /workspace/group/shared/before.txt
                    run grep -E ' /workspace/(thread|group/shared) ' /proc/self/mounts
                    """
                let chat = try await bulkhead.chat(request, ["--channel", "team"])
                let thread = try #require(chat.answer?.conversation, "\(chat.result.output)\(chat.result.errors)")
                let results = (chat.answer?.tools ?? []).map { $0.result ?? "" }
                try #require(results.count == 7, "\(chat.result.output)")
                #expect(results[2].contains("the secret"), "\(results)")
                for result in results[3...5] { #expect(result.contains("Read-only file system"), "\(result)") }
                #expect(results[6].components(separatedBy: " ro,").count == 3, "\(results[6])")
                #expect(chat.answer?.reply?.contains("the secret") == true)

                let other = try await bulkhead.asNobody("conversations/\(thread)")
                #expect(other.contains("I answered root privately."), "\(other)")
                for word in ["the secret", "x.txt", "proc/self"] where word != "x.txt" {
                    // What was asked in the room was said there; what came of it was not.
                    let heard = other.replacingOccurrences(of: Self.escaped(request), with: "")
                    #expect(!heard.contains(word), "\(word): \(heard)")
                }
                let files = try await bulkhead.chat(
                    "run cat /workspace/thread/* /workspace/group/shared/*; ls /workspace/user",
                    ["--channel", "team", "--thread", thread, "--user", "nobody"])
                #expect(files.answer?.reply?.contains("old") == true, "\(files.result.output)")
                #expect(files.answer?.reply?.contains("secret") == false, "\(files.result.output)")

                let answers = try await bulkhead.api("GET", "answers")
                let list = answers["answers"] as? [[String: Any]] ?? []
                let message = try #require(list.first?["message"] as? String, "\(answers.body)")
                #expect(try await !bulkhead.asNobody("answers").contains(message))
                let refused = try await bulkhead.asNobody("answers/\(message)/post", method: "POST")
                #expect(refused.contains("not_found"), "\(refused)")
                let posted = try await bulkhead.bulkhead(["answers", "post", message])
                #expect(posted.status == 0, "\(posted.output)\(posted.errors)")
                let after = try await bulkhead.asNobody("conversations/\(thread)")
                #expect(after.replacingOccurrences(of: Self.escaped(request), with: "").contains("the secret"))
                #expect(try await bulkhead.bulkhead(["answers", "post", message]).status != 0)
                #expect(try await bulkhead.bulkhead(["audit"]).output.contains("answer.posted"))
            }
        }

        /// By whatever tool it became private.
        @Test func whatOthersReadIsReadOnlyOnceASessionIsPrivate() async throws {
            let policy = """
                version: 1
                tools:
                  - {tool: glob, labels: private}
                rules:
                  - {name: answers, tool: reply, decision: allow}
                """
            try await withInstallation(policy: policy) { bulkhead in
                try await bulkhead.makeTeam()
                let chat = try await bulkhead.chat(
                    "run echo a > a.txt\nfind *\nrun echo b > b.txt\nrun echo c > /workspace/session/c.txt && echo kept",
                    ["--channel", "team"])
                let tools = chat.answer?.tools ?? []
                try #require(tools.count == 4, "\(chat.result.output)")
                #expect(tools[0].state == "done" && tools[2].result?.contains("Read-only file system") == true)
                #expect(tools[3].result?.contains("kept") == true)
            }
        }

        @Test func aFileFromOutsideLabelsWhoeverReadsItAlsoAfterARestartUntilAnAdminClearsIt() async throws {
            try await withInstallation { bulkhead in
                try await bulkhead.makeTeam()
                let file = bulkhead.home + "/report.txt"
                try "words from outside".write(toFile: file, atomically: true, encoding: .utf8)
                let upload = try await bulkhead.chat(
                    "run cp /workspace/session/inbox/report.txt /workspace/group/shared/report.txt",
                    ["--channel", "team", "--attach", file])
                #expect(upload.result.status == 0, "\(upload.result.output)\(upload.result.errors)")
                #expect(try await bulkhead.labels(of: "root") == ["untrusted"])

                let read = "read /workspace/group/shared/report.txt"
                let other = ["--channel", "team", "--user", "nobody"]
                let before = try await bulkhead.chat("say hello", other)
                #expect(before.answer?.reply != nil, "\(before.result.output)")
                #expect(try await bulkhead.labels(of: "nobody") == [])
                let first = try await bulkhead.chat(read, other)
                #expect(first.answer?.reply?.contains("words from outside") == true, "\(first.result.output)")
                #expect(try await bulkhead.labels(of: "nobody") == ["untrusted"])

                let listed = try await bulkhead.bulkhead(["labels", "--json"])
                let shared = try #require(
                    listed.output.firstMatch(of: #/shared\/[a-z0-9]+/#)?.output, "\(listed.output)")
                let early = try await bulkhead.bulkhead(["labels", "clear", String(shared), "--reason", "looked"])
                #expect(early.status != 0 && early.errors.contains("has \(shared) open"), "\(early.errors)")

                await bulkhead.killDaemon()
                try await bulkhead.startDaemon()
                let second = try await bulkhead.chat(read, other)
                #expect(second.answer?.reply?.contains("words from outside") == true, "\(second.result.output)")
                #expect(try await bulkhead.labels(of: "nobody") == ["untrusted"])

                await bulkhead.killDaemon()
                try await bulkhead.startDaemon()
                let cleared = try await bulkhead.bulkhead(["labels", "clear", String(shared), "--reason", "looked"])
                #expect(cleared.status == 0, "\(cleared.output)\(cleared.errors)")
                let third = try await bulkhead.chat(read, other)
                #expect(third.answer?.reply?.contains("words from outside") == true, "\(third.result.output)")
                #expect(try await bulkhead.labels(of: "nobody") == [])
                #expect(try await bulkhead.bulkhead(["audit"]).output.contains("labels.cleared"))
            }
        }

        private static func escaped(_ text: String) -> String {
            let data = (try? JSONSerialization.data(withJSONObject: [text], options: .withoutEscapingSlashes)) ?? Data()
            return String(String(decoding: data, as: UTF8.self).dropFirst(2).dropLast(2))
        }
    }
}

extension Installation {
    /// The channel "team" of root's and nobody's.
    fileprivate func makeTeam() async throws {
        _ = try await chat("say hi", ["--user", "nobody"])
        let made = try await api("POST", "channels", json: ["name": "team"])
        guard made.status == 201 else { throw Failure(description: made.body) }
        let change = """
            import sqlite3
            db = sqlite3.connect("\(home)/data/bulkhead.sqlite", timeout=10)
            db.execute("INSERT INTO memberships SELECT c.id, p.id, 0 FROM channels c, people p "
                       "WHERE c.name = 'team' AND p.name = 'nobody'")
            db.commit()
            """
        let changed = try await Command.run("/usr/bin/python3", ["-c", change])
        guard changed.status == 0 else { throw Failure(description: changed.errors) }
    }

    /// The body of an answer of the API to the user nobody.
    fileprivate func asNobody(_ path: String, method: String = "GET") async throws -> String {
        let result = try await Command.run(
            "/usr/bin/setpriv",
            [
                "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "/usr/bin/curl", "-sS", "-X", method,
                "--unix-socket", runtime + "/daemon/console.sock", "http://localhost/api/" + path,
            ])
        guard result.status == 0 else { throw Failure(description: result.errors) }
        return result.output
    }

    /// Of somebody's newest session.
    fileprivate func labels(of person: String) async throws -> [String]? {
        let sessions = try await api("GET", "sessions")["sessions"] as? [[String: Any]] ?? []
        return sessions.first { $0["requester"] as? String == person }?["labels"] as? [String]
    }
}
