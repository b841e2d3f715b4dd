import Audit
import Harness
import MCP
import Model
import Store
import Testing
import ToolServers

/// What of a call stands in the audit, and is found there.
@Suite struct CallRecordTests {
    @Test func rowsAreFiltered() async throws {
        let fixture = try await GateFixture()
        let registry = try ToolRegistry(servers: [FakeServer([("read", .read, { _ in .text("x") })])])
        for tool in ["read", "nope", "read"] { _ = await fixture.gate().call(fixture.request(tool), in: registry) }
        var filter = AuditFilter()
        filter.tool = "read"
        #expect(try await fixture.audit.rows(matching: filter).count == 4)
        filter.kind = .outcome
        #expect(try await fixture.audit.rows(matching: filter).count == 2)
        filter = AuditFilter()
        filter.decision = .unknown
        #expect(try await fixture.audit.rows(matching: filter).map(\.sequence) == [3])
        filter = AuditFilter()
        filter.person = fixture.ben.id
        #expect(try await fixture.audit.rows(matching: filter).isEmpty)
        filter.person = fixture.anna.id
        filter.session = fixture.session.id
        (filter.after, filter.limit) = (1, 2)
        #expect(try await fixture.audit.rows(matching: filter).map(\.sequence) == [2, 3])
        (filter.after, filter.newest) = (0, true)
        #expect(try await fixture.audit.rows(matching: filter).map(\.sequence) == [4, 5])
    }
}
