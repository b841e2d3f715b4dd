import Glibc
import MCP
import Model
import Store
import Terminal

/// The whole system: start, weight and answer of a daemon that has a history.
enum DaemonRows {
    private static let messages = 100_000

    static func measure(_ options: Options) async throws -> [Row] {
        let broker = try await BenchBroker(options)
        do {
            let rows = try await measure(options, broker)
            await broker.end()
            return rows
        } catch {
            await broker.end()
            throw error
        }
    }

    private static func measure(_ options: Options, _ broker: BenchBroker) async throws -> [Row] {
        let home = try options.directory("daemon")
        let configuration = home + "/bulkhead.yaml"
        let text = """
            data: {directory: data}
            runtime: {directory: \(home)}
            broker: {socket: \(broker.socket)}
            console: {port: \(Int.random(in: 20_000..<40_000))}
            people: {owner: root}
            model: {fast: {provider: offline}, balanced: {provider: offline}, best: {provider: offline}}

            """
        let file = open(configuration, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, write(file, Array(text.utf8), text.utf8.count) == text.utf8.count else {
            throw BenchError("cannot write \(configuration)")
        }
        close(file)
        let socket = home + "/console.sock"

        // The first start makes the database; the second is the floor.
        _ = try await start(options, configuration, socket) { _ in 0 }
        let empty = try await starts(5, options, configuration, socket)
        let (_, light) = try await start(options, configuration, socket) { daemon in
            try await Task.sleep(for: .seconds(2))
            return daemon.residentMegabytes
        }
        try await fill(home + "/data")
        let full = try await starts(5, options, configuration, socket)
        var (reply, transport) = (Samples(), Samples())
        let (_, resident) = try await start(options, configuration, socket) { daemon in
            // Before anybody speaks with it, its pool filled.
            try await Task.sleep(for: .seconds(2))
            let resident = daemon.residentMegabytes
            (reply, transport) = try await replies(socket)
            return resident
        }
        return [
            Row(
                name: "daemon start to ready, 100,000 stored messages, p50", value: full.p50, unit: "ms",
                better: .lower, target: "≤ 300", peerName: "the same without messages", peer: empty.p50),
            Row(
                name: "daemon resident memory, 100,000 stored messages", value: resident, unit: "MB", better: .lower,
                target: "≤ 150 with 200 sessions", peerName: "the same without messages", peer: light),
            Row(
                name: "message in → reply out, live session, offline model, p50", value: reply.p50, unit: "ms",
                better: .lower, target: "≤ 10", peerName: "four plain requests to the same API", peer: transport.p50),
        ]
    }

    private static func starts(
        _ count: Int, _ options: Options, _ configuration: String, _ socket: String
    ) async throws -> Samples {
        var samples = Samples()
        for _ in 0..<count { samples.add(try await start(options, configuration, socket) { _ in 0 }.time) }
        return samples
    }

    /// Starts a daemon, and ends it after `body`. Ready is when its socket takes a connection.
    private static func start(
        _ options: Options, _ configuration: String, _ socket: String, _ body: (Program) async throws -> Double
    ) async throws -> (time: Duration, result: Double) {
        unlink(socket)
        let begin = ContinuousClock.now
        let daemon = try Program(
            options.products + "/bulkhead", ["serve", "--config", configuration], log: options.work + "/daemon.log")
        while !answers(socket) {
            guard ContinuousClock.now - begin < .seconds(60) else {
                await daemon.end(SIGKILL)
                throw BenchError("the daemon does not start; its log is \(options.work)/daemon.log")
            }
            try await Task.sleep(for: .milliseconds(1))
        }
        let time = ContinuousClock.now - begin
        do {
            let result = try await body(daemon)
            await daemon.end()
            return (time, result)
        } catch {
            await daemon.end()
            throw error
        }
    }

    private static func answers(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// Messages that nobody has to answer any more, in a hundred conversations.
    private static func fill(_ directory: String) async throws {
        let database = try Store.Database(directory: directory)
        defer { database.close() }
        let person = try await database.findOrCreatePerson(name: "archivist")
        let room = try await database.createRoom(named: "archive", by: person.id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    var conversation: ConversationID?
                    for index in 0..<(messages / 100) {
                        let accepted = try await database.acceptInbound(
                            InboundDraft(
                                channel: room.id, conversation: conversation, author: person.id,
                                text: "Message \(index) of conversation \(number), about as long as people's are.",
                                surface: "bench", eventID: "\(number)-\(index)"))
                        conversation = accepted.message.conversation
                    }
                    if let conversation {
                        _ = try await database.cancelPending(in: conversation, author: person.id)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Over the HTTP API, as a person at a terminal has it: sent, followed, answered.
    private static func replies(_ socket: String) async throws -> (replies: Samples, transport: Samples) {
        try await APIClient.with(socketPath: socket) { client in
            guard let channel = try await client.channels().first else { throw BenchError("no channel") }
            let runner = TurnRunner(client: client, channel: channel, approve: .deny) { _ in }
            var turn = try await runner.run("echo hello", conversation: nil)
            // What the same number of requests costs that have nothing to wait for: transcript, message, stream, its end.
            let transport = try await Samples.of(60) { for _ in 0..<4 { _ = try await client.account() } }
            var samples = Samples()
            for _ in 0..<60 {
                let start = ContinuousClock.now
                turn = try await runner.run("echo hello", conversation: turn.receipt.conversation)
                samples.add(ContinuousClock.now - start)
                guard turn.reply?.text.contains("hello") == true else { throw BenchError("no answer: \(turn)") }
            }
            return (samples, transport)
        }
    }
}
