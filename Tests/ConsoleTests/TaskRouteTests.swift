import Console
import Foundation
import MCP
import Model
import Testing

/// Work that begins by itself, behind both doors.
@Suite struct TaskRouteTests {
    private static let actions = TaskAction.allCases.map { "/api/tasks/t1/\($0.rawValue)" }

    private func send(
        _ method: String, _ path: String, _ console: TestConsole, _ body: JSONObject = [:],
        headers: [(String, String)] = []
    ) async throws -> Answer {
        try await request(
            method, socketURL(console, path), headers: headers,
            body: method == "POST" ? JSONValue.object(body).serialized() : nil)
    }

    @Test func aTaskIsMadeChangedAndStoppedInOnesOwnNameAlone() async throws {
        let tasks = FakeTasks()
        try await TestConsole.run(tasks: tasks) { console in
            let changing = ["/api/tasks", "/api/tasks/t1", "/api/tasks/t1/webhook"] + Self.actions
            for path in changing {
                let answer = try await send("POST", path, console, headers: [("X-Bulkhead-As", "ben")])
                #expect(answer.status == 403, "\(path)")
            }
            #expect(tasks.asked.isEmpty)
            for path in changing {
                #expect((200...201).contains(try await send("POST", path, console).status), "\(path)")
            }
            #expect(tasks.asked.count == changing.count)
            #expect(try await send("GET", "/api/tasks/nothing", console).status == 404)
            #expect(try await send("GET", "/api/tasks?all=true", console).status == 200)
            let refused = try await send(
                "POST", "/api/tasks/preview", console, ["schedule": ["expression": "61 * * * *"]])
            #expect(refused.status == 400)
        }
    }

    @Test func aSignedCallComesInWithoutASignInAndNothingElseDoes() async throws {
        let tasks = FakeTasks()
        try await TestConsole.run(tasks: tasks) { console in
            let time = ("X-Bulkhead-Timestamp", "1")
            let good = ("X-Bulkhead-Signature", "v1=good")
            let calls: [(headers: [(String, String)], body: String, status: Int)] = [
                ([], "{}", 403), ([time], "{}", 403), ([time, ("X-Bulkhead-Signature", "v1=bad")], "{}", 404),
                ([time, good], String(repeating: "x", count: (64 << 10) + 1), 413),
            ]
            let address = console.base + "/webhooks/tasks/t1"
            for call in calls {
                let answer = try await request("POST", address, headers: call.headers, body: Array(call.body.utf8))
                #expect(answer.status == call.status)
            }
            #expect(tasks.asked.isEmpty)
            let taken = try await request("POST", address, headers: [time, good], body: Array("{}".utf8))
            #expect(taken.status == 202 && tasks.asked == ["called t1 {}"])
            // The rest asks who is there.
            let stranger = try await request("GET", console.base + "/api/tasks", headers: [], body: nil)
            #expect(stranger.status == 401)
        }
    }

    @Test func whereNothingIsScheduledThereIsNoRoute() async throws {
        try await TestConsole.run { console in
            #expect(try await send("GET", "/api/tasks", console).status == 404)
            let call = try await request(
                "POST", console.base + "/webhooks/tasks/t1", headers: [], body: Array("{}".utf8))
            #expect(call.status == 404)
        }
    }

    /// Every route of the socket, in a document that a validator of others takes for one.
    @Test func theAPIDescribesItself() async throws {
        try await TestConsole.run(egress: FakeEgress(), tasks: FakeTasks()) { console in
            let answer = try await send("GET", "/api/openapi.json", console)
            #expect(answer.status == 200)
            let paths = try #require(try answer.json["paths"]?.objectValue)
            let door = try #require(console.server.doors.first { $0.kind == .socket })
            for route in door.routes where route.name.contains(" /api/") {
                let parts = route.name.split(separator: " ").map(String.init)
                #expect(paths[parts[1]]?[parts[0].lowercased()] != nil, "\(route.name)")
            }
            #expect(paths["/api/tasks"]?["post"]?["summary"]?.stringValue == "Makes a task.")
            let file = FileManager.default.temporaryDirectory.appending(path: "openapi-\(UUID()).json")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(answer.body.utf8).write(to: file)
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let named = ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"]
            let process = Process()
            process.executableURL = URL(filePath: named ?? root.appending(path: ".build/peers/bin/python").path)
            process.arguments = ["-m", "openapi_spec_validator", file.path]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "openapi-spec-validator refuses it; its words stand above")
        }
    }
}
