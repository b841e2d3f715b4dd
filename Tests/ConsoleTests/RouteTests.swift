import Console
import Conversations
import MCP
import Model
import Testing

@Suite struct RouteTests {
    private func message(_ text: String, id: String = "1", conversation: String? = nil) -> JSONValue {
        var object: JSONObject = ["channel": "c-home", "text": .string(text), "client_id": .string(id)]
        if let conversation { object["conversation"] = .string(conversation) }
        return .object(object)
    }

    @Test func aMessageGoesInOnceHoweverOftenItIsSent() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let first = try await browser.post("/api/messages", message("say hi"))
            let again = try await browser.post("/api/messages", message("say hi"))
            #expect(first.status == 202 && first.body == again.body)
            let sent = try #require(await console.chat.submitted.first)
            #expect(await console.chat.submitted.count == 1)
            #expect(sent.author == FakeChat.ada && sent.surface == "web" && sent.onBehalfBy == nil)
        }
    }

    @Test func twoPeopleMayPickTheSameClientID() async throws {
        try await TestConsole.run { console in
            for person in [FakeChat.ada, FakeChat.ben] {
                let browser = try await Browser.signedIn(to: console, as: person)
                #expect(try await browser.post("/api/messages", message("say hi")).status == 202)
            }
            #expect(await console.chat.submitted.count == 2)
        }
    }

    @Test(arguments: ["", " \n\t ", "\u{2003}\u{00A0}"]) func anEmptyMessageIsRefused(text: String) async throws {
        try await TestConsole.run { console in
            let answer = try await Browser.signedIn(to: console).post("/api/messages", message(text))
            #expect(answer.status == 400)
            #expect(try answer.error().message.contains("empty"))
        }
    }

    @Test func aMessageOfTenMegabytesIsRefusedInWords() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let answer = try await browser.post("/api/messages", message(String(repeating: "x", count: 10 << 20)))
            #expect(answer.status == 413)
            let error = try answer.error()
            #expect(error.code == "too_large" && error.message.hasPrefix("This message is larger than 1 MB"))
            #expect(try await browser.send("GET", "/api/me").status == 200)
        }
    }

    @Test func aMessageOfControlCharactersArrivesUnchanged() async throws {
        try await TestConsole.run { console in
            let text = "say \u{1B}[2J\u{202E}\u{0}\u{7F}\u{200B}end"
            let answer = try await Browser.signedIn(to: console).post("/api/messages", message(text))
            #expect(answer.status == 202)
            #expect(await console.chat.submitted.first?.text == text)
        }
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"x\"", "{\"channel\":1}", "{\"channel\":\"c-home\",\"text\":7,\"client_id\":\"1\"}",
        "{\"channel\":\"../x\",\"text\":\"a\",\"client_id\":\"1\"}",
        "{\"channel\":\"c-home\",\"channel\":\"c-x\",\"text\":\"a\",\"client_id\":\"1\"}",
        "{\"channel\":\"c-home\",\"text\":\"a\",\"client_id\":\"\"}",
        "{\"channel\":\"c-home\",\"text\":\"a\",\"client_id\":\"1\",\"attachments\":[1]}",
        "{\"channel\":\"c-home\",\"text\":\"a\",\"client_id\":\"1\",\"conversation\":\"A B\"}",
        String(repeating: "[", count: 5000), "{\"text\":\"\\ud800\"}",
    ])
    func nonsenseIsRefusedInWords(body: String) async throws {
        try await TestConsole.run { console in
            let answer = try await Browser.signedIn(to: console).send("POST", "/api/messages", body: Array(body.utf8))
            #expect(answer.status == 400)
            #expect(try answer.error().code == "bad_request")
            #expect(await console.chat.submitted.isEmpty)
        }
    }

    @Test func aModeOnlyTightens() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let id = try #require(
                try await browser.post("/api/messages", message("say hi")).json["conversation"]?.stringValue)
            let path = "/api/conversations/\(id)/mode"
            #expect(try await browser.post(path, .object(["mode": "readOnly"])).status == 200)
            #expect(try await browser.post(path, .object(["mode": "auto"])).status == 403)
            #expect(try await browser.post(path, .object(["mode": "anything"])).status == 400)
        }
    }

    @Test func aCallIsUndoneInTheCallersName() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let plain = try await browser.post("/api/calls/c1/undo", .object([:]))
            #expect(try plain.status == 200 && plain.json["call"] == "u1")
            #expect(try plain.json["text"]?.stringValue?.hasPrefix("c1 false ") == true)
            let forced = try await browser.post("/api/calls/c1/undo", .object(["force": true]))
            #expect(try forced.json["text"]?.stringValue?.hasPrefix("c1 true ") == true)
            let refused = try await browser.post("/api/calls/unknown/undo", .object([:]))
            #expect(try refused.status == 409 && refused.json["error"]?["message"] == "bash cannot be undone.")
            let admin = try await Browser.signedIn(to: console, as: FakeChat.ben, by: FakeChat.ada)
            let acting = try await admin.post("/api/calls/c1/undo", .object([:]))
            #expect(try acting.json["text"]?.stringValue == "c1 false p-ben p-ada")
        }
    }

    @Test func filesComeBackAsAttachmentsOnly() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let page = Array("<script>alert(1)</script>".utf8)
            let name = "..%2F..%2Fb%C3%BCcher%20%22x%22%0D%0Aa%E2%80%AEgpj.html"
            let stored = try await browser.send("POST", "/api/uploads?name=\(name)", body: page)
            #expect(stored.status == 201)
            let id = try #require(try stored.json["id"]?.stringValue)
            let file = try await browser.send("GET", "/api/files/\(id)")
            #expect(file.body == "<script>alert(1)</script>")
            #expect(file.header("Content-Type") == "application/octet-stream")
            #expect(
                file.header("Content-Disposition")
                    == "attachment; filename=\"b__cher _x___a_gpj.html\"; "
                    + "filename*=UTF-8''b%C3%BCcher%20%22x%22__a_gpj.html")
            #expect(file.header("Content-Security-Policy")?.contains("sandbox") == true)
        }
    }

    @Test func anUploadIsBounded() async throws {
        var limits = ConsoleLimits()
        limits.uploadBytes = 1 << 20
        try await TestConsole.run(limits: limits) { console in
            let browser = try await Browser.signedIn(to: console)
            let most = [UInt8](repeating: 7, count: 1 << 20)
            #expect(try await browser.send("POST", "/api/uploads?name=a.bin", body: most).status == 201)
            let answer = try await browser.send("POST", "/api/uploads?name=a.bin", body: most + [7])
            #expect(answer.status == 413)
            #expect(try answer.error().message.hasPrefix("a.bin is larger than 1 MB"))
            for name in ["", "..", "%2F", String(repeating: "n", count: 300)] {
                #expect(try await browser.send("POST", "/api/uploads?name=\(name)", body: [1]).status == 400)
            }
        }
    }

    @Test func theAuditIsForAdmins() async throws {
        try await TestConsole.run { console in
            let ada = try await Browser.signedIn(to: console)
            let newest = try await ada.send("GET", "/api/audit?order=desc&limit=3&before=9").json
            #expect(newest["rows"]?.arrayValue?.compactMap { $0["seq"]?.intValue } == [8, 7, 6])
            #expect(try await ada.send("GET", "/api/audit/verify").json["provable_to"]?.intValue == 12)
            for query in ["limit=0", "limit=501", "limit=x", "after=%00", "order=up"] {
                #expect(try await ada.send("GET", "/api/audit?\(query)").status == 400)
            }
            let ben = try await Browser.signedIn(to: console, as: FakeChat.ben)
            #expect(try await ben.send("GET", "/api/audit").status == 403)
            #expect(try await ben.send("GET", "/api/audit/verify").status == 403)
        }
    }

    @Test func failuresOfTheServiceKeepTheirWords() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let missing = try await browser.send("GET", "/api/conversations/t-404")
            #expect(missing.status == 404)
            #expect(try missing.error().message == "There is no such conversation, or you may not read it.")
            let closed = try await browser.post("/api/approvals/a-9", .object(["decision": "allow"]))
            #expect(closed.status == 409)
            #expect(try await browser.post("/api/approvals/a-9", .object(["decision": "yes"])).status == 400)
            #expect(try await browser.post("/api/channels", .object(["name": "finance"])).status == 409)
            #expect(try await browser.post("/api/channels", .object(["name": "people"])).status == 201)
        }
    }
}
