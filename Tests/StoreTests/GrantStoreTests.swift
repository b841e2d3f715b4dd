import Model
import Store
import Testing

/// Grants in the store: kept as given, ended and never mended.
@Suite struct GrantStoreTests {
    private func given(_ fixture: Fixture) async throws -> GrantRecord {
        let conversation = try await fixture.say("hi", as: fixture.anna).conversation
        let session = try await fixture.session(of: fixture.anna, in: conversation)
        let approval = try await fixture.database.createApproval(
            ApprovalDraft(
                call: CallID(trusted: "c"), session: session.id, conversation: conversation, requester: fixture.anna.id,
                tool: "post", effect: .external, arguments: "{}", argumentsDigest: "d", policyDigest: "p", rule: "r",
                reason: "x", approvers: "requester", expires: fixture.clock.wall.now().advanced(by: .seconds(60)),
                labels: .untrusted,
                offer: GrantOffer(reach: .channel, rule: "r", toolDigest: "t", isExact: true, mode: .acceptEdits)))
        #expect(try await fixture.database.approval(approval.id)?.offer == approval.offer && approval.offer != nil)
        let id = GrantID(trusted: "g1")
        _ = try await fixture.database.decideApproval(
            approval.id, allow: true, by: fixture.anna.id, grant: GrantDraft(id: id, scope: .channel))
        let grant = try #require(try await fixture.database.grant(id))
        #expect(grant.mode == .acceptEdits && grant.labels == .untrusted && grant.channel == fixture.room.id)
        return grant
    }

    @Test func itIsFoundOnceItsGivingIsOnRecord() async throws {
        let fixture = try await Fixture()
        let grant = try await given(fixture)
        func found() async throws -> Int {
            try await fixture.database.grants(for: fixture.anna.id, tool: "post", in: grant.conversation).count
        }
        #expect(try await found() == 0)
        #expect(try await fixture.database.grants(of: nil).isEmpty)
        #expect(try await fixture.database.recordGrant(grant.id, in: 5))
        #expect(try await fixture.database.recordGrant(grant.id, in: 6) == false)
        #expect(try await found() == 1)
        fixture.clock.advance(by: GrantScope.channel.lifetime)
        #expect(try await found() == 0)
    }

    @Test func itIsKeptAsItWasGiven() async throws {
        let fixture = try await Fixture()
        let grant = try await given(fixture)
        for change in [
            "DELETE FROM grants", "UPDATE grants SET scope = 'conversation'", "UPDATE grants SET requester = 'x'",
            "UPDATE grants SET expires = expires + 1", "UPDATE grants SET arguments_digest = NULL",
        ] {
            #expect(throws: (any Error).self, "\(change)") { try fixture.folder.tamper(change) }
        }
        #expect(try await fixture.database.revokeGrant(grant.id, by: fixture.ben.id))
        #expect(try await fixture.database.revokeGrant(grant.id, by: fixture.ben.id) == false)
        #expect(try await fixture.database.recordGrant(grant.id, in: 5) == false)
        #expect(throws: (any Error).self) { try fixture.folder.tamper("UPDATE grants SET revoked = NULL") }
        #expect(try await fixture.database.grant(grant.id)?.revokedByName == "ben")
    }
}
