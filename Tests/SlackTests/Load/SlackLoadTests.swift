import Foundation
import Glibc
import MCP
import Slack
import TestSupport
import Testing

/// A company at work, on a Slack that loses connections, tells things twice and late, and asks for pauses; and a harness
/// that is killed three times.
@Suite(.timeLimit(.minutes(10))) struct SlackLoadTests {
    static let childVariable = "BULKHEAD_LOAD_CHILD"
    /// Seconds of theirs in one of ours.
    private static let rate = 8.0

    /// Does nothing where it is not the child.
    @Test func child() async throws {
        guard let text = ProcessInfo.processInfo.environment[Self.childVariable] else { return }
        // It does not outlive its parent.
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(STDIN_FILENO, &byte, 1) > 0 {}
            exit(0)
        }
        try await LoadHarness.run(try #require(LoadHarness.Orders(text)))
    }

    @Test func everybodyIsAnsweredOnceInTheirThreadAndInOrder() async throws {
        let company = LoadCompany(seed: 7)
        let slack = try await SimulatedSlack.started(LoadCompany.world)
        let app = try await slack.app()
        let clock = try await slack.control("POST", "clock", ["rate": .double(Self.rate)])
        let time = CompressedTime(
            real: Date().timeIntervalSince1970, simulated: try #require(clock["now"]?.doubleValue), rate: Self.rate)
        let directory = NSTemporaryDirectory() + "slack-load-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let orders = LoadHarness.Orders(
            directory: directory, url: slack.url, botToken: try #require(app["bot_token"]?.stringValue),
            appToken: try #require(app["app_token"]?.stringValue), time: time)
        let harness = Harness(orders)
        try await harness.start()
        try await slack.wait("connected")
        let trouble = Task { try await Self.disturb(slack, time) }
        var kills = [150.0, 290.0, 430.0]
        var restarts: [Task<Void, any Error>] = []
        let start = time.now
        var said: [String: String] = [:]
        for act in company.acts {
            let wait = start + act.at - time.now
            if wait > 0 { try await time.sleep(.seconds(wait)) }
            if let kill = kills.first, time.now - start > kill {
                kills.removeFirst()
                await harness.kill()
                // Some of it is said while nobody listens.
                restarts.append(
                    Task {
                        try await time.sleep(.seconds(12))
                        try await harness.start()
                    })
            }
            try await Self.perform(act, slack, &said)
        }
        #expect(kills.isEmpty)
        for restart in restarts { try await restart.value }
        trouble.cancel()
        _ = try? await trouble.value
        try await slack.control("DELETE", "faults")
        let questions = company.acts.filter { $0.question != nil }
        var answers: [Answer] = []
        let deadline = ContinuousClock.now + .seconds(150)
        repeat {
            try await Task.sleep(for: .seconds(1))
            answers = try await Self.answers(in: slack, company)
        } while answers.count < questions.count && ContinuousClock.now < deadline
        // Whatever would come a second time has come.
        try await time.sleep(.seconds(60))
        answers = try await Self.answers(in: slack, company)
        await harness.kill()

        let counts = Dictionary(grouping: answers, by: \.question).mapValues(\.count)
        for act in questions {
            let question = act.question ?? ""
            #expect(counts[question] == 1, "\(question) is answered \(counts[question] ?? 0) times")
        }
        for answer in answers {
            let act = try #require(questions.first { $0.question == answer.question })
            let expected = act.channel.hasPrefix("dm") ? nil : said[act.thread ?? answer.question]
            #expect(answer.thread == expected, "\(answer.question) is answered elsewhere")
        }
        #expect(!answers.contains { $0.question.hasPrefix("x") }, "nobody asked")
        try await Self.checkOrder(of: answers, said, slack, company)
    }

    private static func perform(
        _ act: LoadCompany.Act, _ slack: SimulatedSlack, _ said: inout [String: String]
    ) async throws {
        var post: JSONObject = ["channel": .string(act.channel), "text": .string(act.text)]
        if let thread = act.thread { post["thread"] = .string(try #require(said[thread])) }
        let ts = try #require(try await slack.act(act.user, "post", post)["ts"]?.stringValue)
        if let question = act.question { said[question] = ts }
    }

    /// All that can go wrong with Slack, over and over.
    private static func disturb(_ slack: SimulatedSlack, _ time: CompressedTime) async throws {
        var round = 0
        while !Task.isCancelled {
            try await time.sleep(.seconds(20))
            round += 1
            let faults: [JSONObject] = [
                ["envelope": "events_api", "kind": "duplicate", "times": 15],
                ["envelope": "events_api", "kind": "reorder", "times": 3],
                ["envelope": "events_api", "kind": "delay", "seconds": 6, "times": 3],
                ["method": "chat.postMessage", "kind": "ratelimited", "retry_after": 3, "times": 3],
                ["method": "chat.postMessage", "kind": "lost_response", "times": 2],
                ["method": "chat.postMessage", "kind": "reset", "times": 1],
                ["method": "users.info", "kind": "status", "status": 503, "times": 2],
                ["method": "conversations.replies", "kind": "ratelimited", "retry_after": 2, "times": 1],
            ]
            for fault in faults { try await slack.fault(fault) }
            switch round % 4 {
            case 0: try await slack.control("POST", "connections", ["do": "disconnect", "reason": "warning"])
            case 1: try await slack.control("POST", "connections", ["do": "drop"])
            case 2: try await slack.control("POST", "connections", ["do": "disconnect", "reason": "refresh_requested"])
            default: try await slack.control("POST", "connections", ["do": "close"])
            }
        }
    }

    // MARK: What came of it

    private struct Answer: Sendable {
        var question: String
        var thread: String?
        /// Where it stands among all answers of its channel.
        var place: Int
    }

    private static func answers(in slack: SimulatedSlack, _ company: LoadCompany) async throws -> [Answer] {
        var answers: [Answer] = []
        for channel in Set(company.acts.map(\.channel)).sorted() {
            for (place, message) in try await slack.answers(in: channel).enumerated() {
                let text = message["text"]?.stringValue ?? ""
                for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "." })
                where word.contains(where: \.isNumber) && (word.hasPrefix("q") || word.hasPrefix("x")) {
                    answers.append(
                        Answer(
                            question: String(word), thread: message["thread_ts"]?.stringValue, place: place))
                }
            }
        }
        return answers
    }

    /// Two of one thread, of which Slack told in the order in which they were said, are answered in it, or together.
    private static func checkOrder(
        of answers: [Answer], _ said: [String: String], _ slack: SimulatedSlack, _ company: LoadCompany
    ) async throws {
        // When each message was acknowledged first, by channel and time stamp.
        var told: [String: Int] = [:]
        var envelopes: [String: String] = [:]
        for entry in try await slack.journal("sent") {
            guard let id = entry["envelope_id"]?.stringValue,
                let event = (entry["envelope"]?["payload"] ?? entry["payload"])?["event"],
                let channel = event["channel"]?.stringValue, let ts = event["ts"]?.stringValue
            else { continue }
            envelopes[id] = "\(channel) \(ts)"
        }
        for entry in try await slack.journal("acked") {
            guard let key = envelopes[entry["envelope_id"]?.stringValue ?? ""], told[key] == nil else { continue }
            told[key] = told.count
        }
        let places = Dictionary(answers.map { ($0.question, $0.place) }) { first, _ in first }
        var ids: [String: String] = [:]
        for (name, channel) in try await slack.world()["channels"]?.objectValue ?? [:] {
            ids[name] = channel["id"]?.stringValue
        }
        var compared = 0
        for number in 0..<LoadCompany.people {
            let channel = ids["c\(number % LoadCompany.channels)"] ?? ""
            let pairs = [("q\(number).0", "q\(number).1"), ("q\(number).1", "q\(number).2")]
            for (first, second) in pairs {
                guard let early = told["\(channel) \(said[first] ?? "")"],
                    let late = told["\(channel) \(said[second] ?? "")"], early < late,
                    let one = places[first], let other = places[second]
                else { continue }
                compared += 1
                #expect(one <= other, "\(first) is answered after \(second)")
            }
        }
        // Most are told of in order, or nothing is shown by this.
        #expect(compared > LoadCompany.people)
    }

    // MARK: The process

    /// A child of this very binary.
    private actor Harness {
        private let orders: LoadHarness.Orders
        private var process: Process?
        private var input: Pipe?

        init(_ orders: LoadHarness.Orders) { self.orders = orders }

        func start() throws {
            let (process, input) = (Process(), Pipe())
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["--testing-library", "swift-testing", "--filter", "SlackLoadTests/child"]
            process.environment = ProcessInfo.processInfo.environment.merging([childVariable: orders.text]) { $1 }
            process.standardInput = input
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            (self.process, self.input) = (process, input)
        }

        func kill() {
            guard let process else { return }
            Glibc.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            self.process = nil
        }
    }
}
