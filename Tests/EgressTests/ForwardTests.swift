import Egress
import NetworkRules
import Testing

@Suite(.timeLimit(.minutes(5))) struct ForwardTests {
    @Test func eachRequestOfAConnectionIsDecidedAnew() async throws {
        try await Stage.with(decision: { request in
            request.path == "/secret" ? .refuse(reason: "not that") : Judge.allowed
        }) { stage in
            let client = try stage.connect()
            for path in ["/a?x=1", "/b"] {
                try await client.send(
                    "GET http://\(stage.at())\(path) HTTP/1.1\r\nHost: \(stage.at())\r\nProxy-Authorization: x\r\n\r\n")
                let host = try await stage.host.next()
                #expect(
                    try await host.receiveHead()
                        == "GET \(path) HTTP/1.1\r\nHost: \(stage.at())\r\nConnection: close\r\n\r\n")
                try await host.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi")
                let expected = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi"
                let answer = try await client.receive(count: expected.utf8.count)
                #expect(String(decoding: answer, as: UTF8.self) == expected)
                // One request a connection: nothing rides behind it.
                #expect(try await host.receiveAll().isEmpty)
            }
            try await client.send("GET http://\(stage.at())/secret HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            #expect(try await client.receiveText().hasPrefix("HTTP/1.1 403 not that\r\n"))
            #expect(stage.judge.asked.map(\.path) == ["/a", "/b", "/secret"])
            var records: [EgressConnection] = []
            for _ in 0..<3 { records.append(try await stage.judge.next()) }
            #expect(records.map { $0.refusal } == [nil, nil, "not that"])
            #expect(records[0].asked == "http://\(stage.at())/a" && records[0].bytesUp > 0 && records[0].bytesDown > 0)
        }
    }

    @Test func aRequestThatWaitsBehindAnotherIsDecidedForItself() async throws {
        try await Stage.with(decision: {
            $0.target.host.description == "host.test" ? Judge.allowed : .refuse(reason: "no")
        }) {
            stage in
            let client = try stage.connect()
            try await client.send(
                "POST http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\nContent-Length: 4\r\n\r\nbody"
                    + "GET http://\(stage.at("other.test"))/ HTTP/1.1\r\nHost: \(stage.at("other.test"))\r\n\r\n")
            let host = try await stage.host.next()
            let expected =
                "POST / HTTP/1.1\r\nHost: \(stage.at())\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
            let asked = try await host.receive(count: expected.utf8.count)
            #expect(String(decoding: asked, as: UTF8.self) == expected)
            try await host.send("HTTP/1.1 204 No Content\r\n\r\n")
            #expect(try await host.receiveAll().isEmpty)
            let answers = try await client.receiveText()
            #expect(answers.hasPrefix("HTTP/1.1 204 No Content\r\n") && answers.contains("HTTP/1.1 403 no\r\n"))
        }
    }

    @Test func bodiesPassAsTheyAreFramed() async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send(
                "PUT http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\nTransfer-Encoding: chunked\r\n"
                    + "Expect: 100-continue\r\n\r\n")
            let host = try await stage.host.next()
            let head = try await host.receiveHead()
            #expect(head.contains("Transfer-Encoding: chunked\r\n") && !head.contains("Expect"))
            #expect(try await client.receiveHead() == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("3\r\nab")
            try await client.send("c\r\n0\r\n\r\n")
            #expect(try await host.receive(count: 13) == Array("3\r\nabc\r\n0\r\n\r\n".utf8))
            try await host.send("HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n")
            try await host.send("hi\r\n0\r\n\r\n")
            let expected =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
            let answer = try await client.receive(count: expected.utf8.count)
            #expect(String(decoding: answer, as: UTF8.self) == expected)
        }
    }

    @Test func anAnswerUntilTheEndEndsTheConnection() async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send("GET http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            try await host.send("HTTP/1.0 200 OK\r\n\r\nall of it")
            host.finish()
            #expect(try await client.receiveText() == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
            let record = try await stage.judge.next()
            #expect(record.end == nil && record.refusal == nil)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "changed the protocol"),
        ("HTTP/1.1 200 OK\n\n", "not HTTP"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "not HTTP"),
        ("SSH-2.0-x\r\n\r\n", "not HTTP"), ("", "without an answer"),
        ("HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n", "not HTTP"),
        (String(repeating: "HTTP/1.1 103 Early\r\n\r\n", count: 9), "again and again"),
    ])
    func anAnswerThatIsNoneIsNotPassedOn(_ answer: String, _ reason: String) async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send("GET http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            try await host.send(answer)
            host.finish()
            let said = try await client.receiveText()
            #expect(said.hasPrefix("HTTP/1.1 502 ") && said.contains(reason), "\(said.prefix(300))")
            #expect(try await stage.judge.next().end?.contains(reason) == true)
        }
    }

    @Test func anAnswerCutShortIsSeenToBe() async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send("GET http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            try await host.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            host.finish()
            let said = try await client.receiveText()
            #expect(said.hasSuffix("\r\n\r\nhalf"))
            #expect(try await stage.judge.next().end?.contains("cut short") == true)
        }
    }

    @Test func aBodyThatIsFramedWronglyStopsThere() async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send(
                "POST http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\nTransfer-Encoding: chunked\r\n\r\n")
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            try await client.send("3;smuggled\r\nabc\r\n0\r\n\r\n")
            #expect(try await client.receiveText().contains("not framed"))
            #expect(try await host.receiveAll().isEmpty)
        }
    }

    @Test func aClientThatLeavesTakesItsHostAlong() async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send("GET http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            client.vanish()
            #expect(try await host.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end == "the client left")
        }
    }

    @Test func aClientThatSaysNoMoreStillGetsItsAnswer() async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send("GET http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            client.finish()
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            try await host.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            #expect(try await client.receiveText().hasSuffix("\r\n\r\nhi"))
        }
    }

    @Test func aHeadAnswerHasNoBody() async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send(
                "HEAD http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\nConnection: close\r\n\r\n")
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            try await host.send("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
            #expect(
                try await client.receiveText() == "HTTP/1.1 200 OK\r\nContent-Length: 200\r\nConnection: close\r\n\r\n")
        }
    }
}
