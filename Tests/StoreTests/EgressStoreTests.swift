import Model
import Store
import Testing

/// Granted addresses in the store: kept as given, in force once on record, ended and never mended.
@Suite struct EgressStoreTests {
    private static let entry = ["domain": ["files.example.com"], "ports": ["443"]]

    private func standing(_ fixture: Fixture) async throws -> EgressStanding {
        let conversation = try await fixture.say("hi", as: fixture.anna).conversation
        let session = try await fixture.session(of: fixture.anna, in: conversation)
        return try #require(try await fixture.database.egressStanding(of: session.id))
    }

    /// Grants are an admin's to give: one who is nobody else in these tests.
    private func admin(_ fixture: Fixture) async throws -> PersonRecord {
        try await fixture.database.findOrCreatePerson(osUser: 1002, name: "olga", role: .admin)
    }

    private func give(_ fixture: Fixture, _ scope: EgressScope, expires: Timestamp? = nil) async throws
        -> EgressGrantRecord
    {
        let grant = try await fixture.database.addEgressGrant(
            EgressGrantDraft(entry: Self.entry, scope: scope, reason: "reports", expires: expires),
            by: try await admin(fixture).id)
        #expect(try await fixture.database.recordEgressGrant(grant.id, in: 7))
        return grant
    }

    @Test func itHoldsOnceItsGivingIsOnRecord() async throws {
        let fixture = try await Fixture()
        let session = try await standing(fixture).session
        let grant = try await fixture.database.addEgressGrant(
            EgressGrantDraft(entry: Self.entry, scope: .company, reason: "x"), by: try await admin(fixture).id)
        func held() async throws -> Int {
            try await fixture.database.egressStanding(of: session.id)?.grants.count ?? -1
        }
        #expect(try await held() == 0)
        #expect(grant.end(at: fixture.clock.wall.now())?.contains("not on record") == true)
        #expect(try await fixture.database.recordEgressGrant(grant.id, in: 7))
        #expect(try await fixture.database.recordEgressGrant(grant.id, in: 8) == false)
        #expect(try await held() == 1)
        #expect(try await fixture.database.revokeEgressGrant(grant.id, by: fixture.anna.id, reason: "enough"))
        #expect(try await fixture.database.revokeEgressGrant(grant.id, by: fixture.anna.id, reason: "x") == false)
        #expect(try await held() == 0)
        #expect(try await fixture.database.egressGrant(grant.id)?.revokedByName == "anna")
    }

    @Test func itIsFoundForThoseItIsForAndNobodyElse() async throws {
        let fixture = try await Fixture()
        let own = try await standing(fixture)
        let other = try await fixture.database.createRoom(named: "other", by: fixture.ben.id)
        for scope in [
            EgressScope.company, .channel(fixture.room.id), .person(fixture.anna.id), .session(own.session.id),
            .channel(other.id), .person(fixture.ben.id),
        ] { _ = try await give(fixture, scope) }
        let found = try #require(try await fixture.database.egressStanding(of: own.session.id)).grants
        #expect(Set(found.map(\.scope.kind)) == Set(EgressScope.Kind.allCases) && found.count == 4)
        #expect(found.allSatisfy { $0.entry == Self.entry && $0.giverName == "olga" })
        #expect(try await fixture.database.egressGrants().count == 6)
    }

    @Test func itEndsWithItsTimeAndItsSession() async throws {
        let fixture = try await Fixture()
        let session = try await standing(fixture).session
        let soon = fixture.clock.wall.now().advanced(by: .seconds(60))
        let short = try await give(fixture, .company, expires: soon)
        let bound = try await give(fixture, .session(session.id))
        fixture.clock.advance(by: .seconds(60))
        #expect(try await fixture.database.egressStanding(of: session.id)?.grants.map(\.id) == [bound.id])
        let now = fixture.clock.wall.now()
        #expect(try await fixture.database.egressGrant(short.id)?.end(at: now) == "expired")
        try await fixture.database.endSession(session.id, reason: "idle")
        #expect(try await fixture.database.egressGrant(bound.id)?.end(at: now) == "its session is over")
        #expect(try await fixture.database.egressStanding(of: session.id)?.session.state == .ended)
    }

    @Test func itHoldsOnlyWhileItsGiverMayGive() async throws {
        let fixture = try await Fixture()
        let session = try await standing(fixture).session
        let giver = try await give(fixture, .company).giver
        func held() async throws -> Int? {
            try await fixture.database.egressStanding(of: session.id)?.grants.count
        }
        #expect(try await held() == 1)
        try await fixture.database.admit(giver, as: .member)
        #expect(try await held() == 0)
        try await fixture.database.admit(giver, as: .admin)
        #expect(try await held() == 1)
        try await fixture.database.setDeactivated(giver, by: fixture.anna.id)
        #expect(try await held() == 0)
    }

    @Test func itIsKeptAsItWasGiven() async throws {
        let fixture = try await Fixture()
        let grant = try await give(fixture, .company)
        for change in [
            "DELETE FROM egress_grants", "UPDATE egress_grants SET entry = '{}'",
            "UPDATE egress_grants SET scope = 'person', subject = 'x'", "UPDATE egress_grants SET giver = 'x'",
            "UPDATE egress_grants SET expires = NULL, created = 1", "UPDATE egress_grants SET subject = 'x'",
        ] {
            #expect(throws: (any Error).self, "\(change)") { try fixture.folder.tamper(change) }
        }
        _ = try await fixture.database.revokeEgressGrant(grant.id, by: fixture.ben.id, reason: "")
        #expect(throws: (any Error).self) { try fixture.folder.tamper("UPDATE egress_grants SET revoked = NULL") }
    }

    @Test func nobodyIsGrantedWhatTheyAreNot() async throws {
        let fixture = try await Fixture()
        for scope in [
            EgressScope.channel(ChannelID(trusted: "none")), .person(PersonID(trusted: "none")),
            .session(SessionID(trusted: "none")),
        ] {
            await #expect(throws: StoreError.self) {
                _ = try await fixture.database.addEgressGrant(
                    EgressGrantDraft(entry: Self.entry, scope: scope, reason: ""), by: fixture.ben.id)
            }
        }
    }

    @Test(arguments: [#"{"domain": "x.example"}"#, #"{"domain": ["x.example", 1]}"#, "[]", "nonsense"])
    func anEntryThatCannotBeReadStopsEverything(_ text: String) async throws {
        let fixture = try await Fixture()
        let session = try await standing(fixture).session
        _ = try await give(fixture, .company)
        try fixture.folder.tamper("DROP TRIGGER egress_grants_stay_as_given")
        try fixture.folder.tamper("UPDATE egress_grants SET entry = '\(text)'")
        await #expect(throws: StoreError.self) { _ = try await fixture.database.egressStanding(of: session.id) }
    }

    @Test func firstUseLabelsTheSessionAndWhatItCanWrite() async throws {
        let fixture = try await Fixture()
        let session = try await standing(fixture).session
        let shared = Volume.shared(fixture.room.id)
        try await fixture.database.bindVolumes([VolumeGrant(shared, .readWrite)], to: session.id)
        #expect(try await fixture.database.labelForEgress(session.id) == .untrusted)
        #expect(try await fixture.database.session(session.id)?.labels == .untrusted)
        #expect(try await fixture.database.labels(of: shared) == .untrusted)
        // Not for the first time any more.
        #expect(try await fixture.database.labelForEgress(session.id) == [])
    }

    @Test func aPrivateOrEndedSessionIsNeverLetOut() async throws {
        let fixture = try await Fixture()
        let session = try await standing(fixture).session
        try await fixture.database.label(session.id, adding: .private)
        #expect(try await fixture.database.labelForEgress(session.id) == nil)
        #expect(try await fixture.database.session(session.id)?.labels == .private)
        try await fixture.database.endSession(session.id, reason: "idle")
        let next = try await standing(fixture).session
        try await fixture.database.endSession(next.id, reason: "idle")
        #expect(try await fixture.database.labelForEgress(next.id) == nil)
    }

    @Test func whoMayNotComeInHasNoRole() async throws {
        let fixture = try await Fixture()
        let session = try await standing(fixture).session
        #expect(try await fixture.database.egressStanding(of: session.id)?.role == .member)
        _ = try await fixture.database.deactivate(fixture.anna.id)
        #expect(try await fixture.database.egressStanding(of: session.id)?.role == nil)
    }

    @Test func anAnswerOpensOneThing() async throws {
        let fixture = try await Fixture()
        let session = try await standing(fixture).session
        func unused(_ call: String = "c", answered: ApprovalID? = nil) async throws -> ApprovalRecord? {
            try await fixture.database.unusedEgressApproval(
                tool: "egress_request", arguments: "{}", conversation: session.conversation,
                requester: fixture.anna.id, call: CallID(trusted: call), answered: answered)
        }
        let approval = try await fixture.database.createApproval(
            ApprovalDraft(
                call: CallID(trusted: "c"), session: session.id, conversation: session.conversation,
                requester: fixture.anna.id, tool: "egress_request", effect: .read, arguments: "{}",
                argumentsDigest: "d", policyDigest: "p", rule: "r", reason: "x", approvers: "admins",
                expires: fixture.clock.wall.now().advanced(by: .seconds(60))))
        #expect(try await unused() == nil)
        _ = try await fixture.database.decideApproval(approval.id, allow: true, by: fixture.ben.id)
        // Allowed, and the call has not been told of it.
        #expect(try await unused() == nil)
        #expect(try await fixture.database.takeAnswer(approval.id, isHeld: true))
        #expect(try await unused()?.decidedBy == fixture.ben.id)
        // Of its own call, and of the one that its answer came back to.
        #expect(try await unused("d") == nil)
        #expect(try await unused("d", answered: ApprovalID(trusted: "other")) == nil)
        #expect(try await unused("c", answered: ApprovalID(trusted: "other")) == nil)
        #expect(try await unused("d", answered: approval.id)?.id == approval.id)
        _ = try await fixture.database.addEgressGrant(
            EgressGrantDraft(
                entry: Self.entry, scope: .session(session.id), reason: "", approval: approval.id), by: fixture.ben.id)
        #expect(try await unused() == nil)
        await #expect(throws: StoreError.self) {
            _ = try await fixture.database.addEgressGrant(
                EgressGrantDraft(entry: Self.entry, scope: .company, reason: "", approval: approval.id),
                by: fixture.ben.id)
        }
    }
}
