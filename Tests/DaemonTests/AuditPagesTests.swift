import Audit
import Console
@testable import Daemon
import Harness
import MCP
import Model
@testable import Settings
import Store
import Testing

@Suite struct AuditPagesTests {
    private func page(
        _ pages: AuditPages, before: Int64? = nil, person: String? = nil, limit: Int = 6
    ) async throws -> [JSONObject] {
        try await pages.rows(
            Console.AuditFilter(before: before, newestFirst: true, limit: limit, person: person))
    }

    /// As the audit page's "Show older" does.
    @Test func pagingBackShowsEveryRowOnce() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let (mia, max) = (try #require(try await fixture.come(1002)), try #require(try await fixture.come(1003)))
        for number in 0..<40 {
            try await fixture.audit.event("test", subject: AuditSubject(requester: number % 4 == 0 ? mia : max))
        }
        let pages = try fixture.pages
        for (person, count) in [(nil, 42), ("mia", 11), ("max", 31)] {
            var seen: [Int64] = []
            var rows = try await page(pages, person: person)
            while let oldest = rows.last?["seq"]?.intValue, seen.count <= count {
                seen += rows.compactMap { $0["seq"]?.intValue }
                rows = try await page(pages, before: oldest, person: person)
            }
            #expect(seen.count == count && Set(seen).count == count, "\(person ?? "all"): \(seen)")
            #expect(seen == seen.sorted(by: >))
        }
    }

    @Test func theRemovedAreStillFoundAndAdminsNamed() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        let (adam, mia) = (try #require(try await fixture.come(1001)), try #require(try await fixture.come(1002)))
        try await AuditRecorder(audit: fixture.audit).record(ConsoleEvent(.linkMade, person: mia, admin: adam))
        fixture.settings.replace(with: PeopleFixture.settings(members: []))
        try await fixture.people.reconcile()
        let pages = try fixture.pages
        let rows = try await page(pages, person: "mia")
        #expect(rows.map { $0["event"] } == ["person.removed", "login.link_made", "person.admitted"])
        #expect(rows[1]["person"] == "mia" && rows[1]["on_behalf_by"] == "adam")
        #expect(try await page(pages, person: "adam").map { $0["event"] } == ["login.link_made", "person.admitted"])
        #expect(try await page(pages, person: "nobody-at-all").isEmpty)
    }

    @Test func whatIsNoSessionIsNotAllOfThem() async throws {
        let fixture = try await PeopleFixture()
        defer { fixture.close() }
        _ = try await fixture.come(1002)
        let pages = try fixture.pages
        #expect(try await pages.rows(Console.AuditFilter(session: "No Such Session")).isEmpty)
        #expect(try await pages.rows(Console.AuditFilter()).count == 1)
    }
}
