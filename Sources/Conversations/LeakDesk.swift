package import Audit
internal import Harness
package import LeakScan
package import Logging
internal import MCP
package import Model
package import Store
internal import Synchronization

/// What follows from a secret that was found on its way out: the session is private from then on, the audit has a row, and
/// whose secret it is gets a line. What was found stands in none of them.
package final class LeakDesk: LeakRecorder {
    private struct Known: Hashable {
        let session: SessionID?
        let finding: LeakFinding
        let place: LeakPlace?
    }

    private let database: Database
    private let audit: AuditLog
    private let logger: Logger
    /// Shows people a line that is stored.
    private let show = Mutex<(@Sendable ([MessageID]) async -> Void)?>(nil)
    /// An agent's every request to the model repeats what was said before: each finding is told once in each session.
    private let known = Mutex<Set<Known>>([])
    private static let maximumKnown = 10_000

    package init(database: Database, audit: AuditLog, logger: Logger) {
        self.database = database
        self.audit = audit
        self.logger = logger
    }

    package func showNotices(by body: @escaping @Sendable ([MessageID]) async -> Void) {
        show.withLock { $0 = body }
    }

    package func record(_ report: LeakReport) async throws {
        let subject = report.subject
        if let session = subject.session, report.findings.contains(where: \.isSecret) {
            _ = try await database.label(session, adding: .private)
        }
        for finding in report.findings {
            let isRepeated = report.place == .modelRequest || report.place == .draft
            let here = Known(session: subject.session, finding: finding, place: report.place)
            if isRepeated, known.withLock({ $0.contains(here) }) { continue }
            try await audit.event(
                "leak.found",
                subject: AuditSubject(
                    requester: subject.requester, channel: subject.channel, conversation: subject.conversation,
                    session: subject.session, call: subject.call),
                details: Self.details(of: finding, report))
            // Not before it is on record: what could not be recorded is tried anew.
            if isRepeated { _ = isNew(here) }
            if isNew(Known(session: subject.session, finding: finding, place: nil)) { await tell(finding, report) }
        }
    }

    private func isNew(_ one: Known) -> Bool {
        known.withLock { known in
            if known.count >= Self.maximumKnown { known = [] }
            return known.insert(one).inserted
        }
    }

    private static func details(of finding: LeakFinding, _ report: LeakReport) -> JSONObject {
        var details: JSONObject = [
            "name": .string(finding.name), "form": .string(finding.form), "where": .string(report.place.rawValue),
        ]
        if case .secret(let id, let owner) = finding.source {
            details["secret"] = .string(id)
            details["owner"] = owner.map { .string($0.rawValue) }
        }
        details["tool"] = report.subject.tool.map { .string($0.cut(to: 128)) }
        return details
    }

    /// Whose it is, or whoever runs this installation. It stands in the audit already: what fails here is no leak.
    private func tell(_ finding: LeakFinding, _ report: LeakReport) async {
        do {
            let person: PersonID?
            if case .secret(_, let owner?) = finding.source {
                person = owner
            } else {
                person = try await database.people().first { $0.role == .owner && $0.isActive }?.id
            }
            guard let person else { return }
            var place = "on its way into \(report.place.inWords)"
            if let tool = report.subject.tool { place += " (tool \(tool.cut(to: 60)))" }
            if let requester = report.subject.requester, let record = try await database.person(requester) {
                place += ", in work done for \(requester == person ? "you" : record.name)"
            }
            let what = finding.isSecret ? "The secret \(finding.name)" : "What looks like a \(finding.name)"
            let text =
                "\(what) was found \(place). It was withheld. See how it got there (`bulkhead audit`), and replace it if "
                + "others may have seen it."
            if let notice = try await database.addNotice(to: person, title: "Secrets that were withheld", text: text) {
                await show.withLock { $0 }?([notice.id])
            }
        } catch {
            logger.warning("nobody was told of a secret that was withheld", metadata: ["error": "\(error)"])
        }
    }
}

extension LeakFinding {
    fileprivate var isSecret: Bool {
        if case .secret = source { true } else { false }
    }
}

extension LeakPlace {
    fileprivate var inWords: String {
        switch self {
        case .result: "a tool's result"
        case .answer: "an answer"
        case .draft: "an answer that was being written"
        case .file: "a file for people"
        case .question: "a question to people"
        case .modelRequest: "a request to the model"
        case .audit: "the audit"
        }
    }
}
