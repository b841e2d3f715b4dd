import Egress
import Model
import NetworkRules
import Synchronization

/// Decides as the test says, and keeps what it was asked and told.
final class Judge: EgressAuthority {
    typealias Decision = @Sendable (EgressRequest) async throws -> EgressVerdict

    struct Broken: Error {}

    static let allowed = EgressVerdict.allow(rule: "the test's", allowsUnnamedTLS: false)
    static let allowedUnnamed = EgressVerdict.allow(rule: "the test's", allowsUnnamedTLS: true)

    private let decision: Mutex<Decision>
    private let questions = Mutex<[EgressRequest]>([])
    private let questionsAgain = Mutex<[[EgressRequest]]>([])
    private let isForgetful = Mutex(false)
    private let told = Mutex<[EgressConnection]>([])
    private let records: AsyncStream<EgressConnection>
    private let record: AsyncStream<EgressConnection>.Continuation

    init(_ decision: @escaping Decision) {
        self.decision = Mutex(decision)
        (records, record) = AsyncStream.makeStream()
    }

    var asked: [EgressRequest] { questions.withLock { $0 } }
    var askedAgain: [[EgressRequest]] { questionsAgain.withLock { $0 } }
    var recorded: [EgressConnection] { told.withLock { $0 } }

    /// From now on it gives one verdict too few.
    func forgetsOne() { isForgetful.withLock { $0 = true } }

    func from(now decision: @escaping Decision) { self.decision.withLock { $0 = decision } }

    func decide(_ request: EgressRequest) async throws -> EgressVerdict {
        questions.withLock { $0.append(request) }
        return try await decision.withLock { $0 }(request)
    }

    func decideAgain(_ requests: [EgressRequest]) async throws -> [EgressVerdict] {
        questionsAgain.withLock { $0.append(requests) }
        var verdicts: [EgressVerdict] = []
        for request in requests { verdicts.append(try await decision.withLock { $0 }(request)) }
        return isForgetful.withLock { $0 } ? verdicts.dropLast() : verdicts
    }

    func record(_ connection: EgressConnection) async {
        told.withLock { $0.append(connection) }
        record.yield(connection)
    }

    /// The next record, once it comes.
    func next() async throws -> EgressConnection {
        var iterator = records.makeAsyncIterator()
        guard let connection = await iterator.next() else { throw Broken() }
        return connection
    }
}

/// Answers in turn, the last for ever; counts.
final class ScriptedResolver: Resolver {
    private let answers: Mutex<[[IPAddress]]>
    private let count = Mutex(0)

    init(_ answers: [IPAddress]...) {
        self.answers = Mutex(answers)
    }

    var asked: Int { count.withLock { $0 } }

    func addresses(of host: HostName, for session: SessionID) async throws -> [IPAddress] {
        count.withLock { $0 += 1 }
        return answers.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? [] }
    }
}

final class SilentResolver: Resolver {
    func addresses(of host: HostName, for session: SessionID) async throws -> [IPAddress] {
        try await Task.sleep(for: .seconds(3600))
        return []
    }
}
