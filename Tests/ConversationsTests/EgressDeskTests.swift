import Audit
import Egress
import Foundation
import Harness
import MCP
import Model
import NetworkRules
import Policy
import Store
import Testing
import ToolServers

@testable import Conversations

/// Who reaches what, asked at the desk as the proxy asks it.
@Suite(.timeLimit(.minutes(5))) struct EgressDeskTests {
    private static let inFile = "egress:\n  allow:\n    - {name: files, domain: files.example.com}\n"

    // MARK: Verdicts

    @Test func nothingIsReachedThatNobodyGranted() async throws {
        let scene = try await EgressScene()
        #expect(try await scene.refusal()?.contains("egress_request") == true)
        #expect(try await scene.labels == [])
    }

    @Test func firstUseLabelsTheSessionBeforeTheAnswerAndTellsPeopleOnce() async throws {
        let scene = try await EgressScene()
        try await scene.allow()
        #expect(try await scene.refusal() == nil)
        #expect(try await scene.labels == .untrusted)
        #expect(try await scene.refusal() == nil)
        #expect(scene.said.all.count == 1 && scene.said.all.first?.contains("files.example.com") == true)
        guard case .allow(let rule, _) = try await scene.desk.decide(try scene.request()) else { return }
        #expect(rule.contains("egress grant"))
    }

    @Test func whatIsRefusedLabelsNothing() async throws {
        let scene = try await EgressScene()
        try await scene.allow()
        #expect(try await scene.refusal("other.example.com") != nil)
        #expect(try await scene.labels == [] && scene.said.all.isEmpty)
    }

    @Test func aSessionThatSawSomethingPrivateIsRefusedAndToldWhy() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        try await scene.allow(.session(scene.session.id))
        #expect(try await scene.refusal() == nil)
        try await scene.database.label(scene.session.id, adding: .private)
        #expect(try await scene.refusal()?.contains("private") == true)
    }

    @Test func aSessionThatIsOverReachesNothing() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        #expect(try await scene.refusal() == nil)
        try scene.tamper("UPDATE sessions SET state = 'suspended'")
        #expect(try await scene.refusal()?.contains("over") == true)
        try await scene.database.endSession(scene.session.id, reason: "idle")
        #expect(try await scene.refusal()?.contains("over") == true)
        var unknown = try scene.request()
        unknown.session = SessionID(trusted: "nobody")
        guard case .refuse = try await scene.desk.decide(unknown) else { return #expect(Bool(false)) }
    }

    @Test func whoMayNotComeInOrReadTheRoomReachesNothing() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        _ = try await scene.database.deactivate(scene.ada)
        #expect(try await scene.refusal()?.contains("may not use") == true)
        let other = try await EgressScene(policy: Self.inFile)
        try await other.database.addMember(other.ben, to: other.room)
        try await other.database.removeMember(other.ada, from: other.room)
        #expect(try await other.refusal()?.contains("may not use") == true)
    }

    @Test func aPauseStopsItAndItsEndLetsItGoOn() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        for scope in [PauseScope.all, .person(scene.ada), .channel(scene.room)] {
            try await scene.pauses.pause(scope, by: scene.ben, reason: "a look")
            #expect(try await scene.refusal()?.contains("paused by Ben (a look)") == true, "\(scope)")
            _ = try await scene.pauses.resume(scope, by: scene.ben)
            #expect(try await scene.refusal() == nil, "\(scope)")
        }
        // Whom it is not for it does not stop.
        try await scene.pauses.pause(.person(scene.ben), by: scene.ben, reason: "")
        #expect(try await scene.refusal() == nil)
    }

    @Test func aPauseOfWhoeverTypedStopsItToo() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        let message = try await scene.database.acceptInbound(
            InboundDraft(
                channel: scene.room, conversation: scene.session.conversation, author: scene.ada, onBehalfBy: scene.ben,
                text: "go on", surface: "test", eventID: "e2")
        ).message
        _ = try await scene.database.beginTurn([message.id], session: scene.session.id)
        try await scene.pauses.pause(.person(scene.ben), by: scene.ben, reason: "")
        #expect(try await scene.refusal()?.contains("paused") == true)
    }

    @Test func aChangedPolicyCountsAtOnce() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        #expect(try await scene.refusal() == nil)
        let file = scene.directory + "/policy.yaml"
        let denied =
            "version: 1\n" + Self.inFile + "  deny:\n    - {name: no, domain: files.example.com, reason: ours}\n"
        try denied.write(toFile: file, atomically: true, encoding: .utf8)
        _ = try await scene.policy.reload(recording: scene.audit)
        try await scene.allow(.session(scene.session.id))
        #expect(try await scene.refusal()?.contains("ours") == true)
        try "version: 1\negress: [".write(toFile: file, atomically: true, encoding: .utf8)
        await #expect(throws: (any Error).self) { _ = try await scene.policy.reload(recording: scene.audit) }
        #expect(try await scene.refusal()?.contains("ours") == true, "the last good one stays")
    }

    // MARK: The record

    private func connection(_ scene: EgressScene, refusal: String? = nil) throws -> EgressConnection {
        EgressConnection(
            session: scene.session.id, request: try scene.request(), asked: "files.example.com:443", refusal: refusal,
            rule: refusal == nil ? "egress: files (policy line 4)" : nil, address: "203.0.113.5", bytesUp: 12,
            bytesDown: 3400, duration: .milliseconds(250), end: refusal == nil ? "revoked" : nil)
    }

    @Test func everyConnectionIsOneRowWithItsSession() async throws {
        let scene = try await EgressScene()
        await scene.desk.record(try connection(scene))
        await scene.desk.record(try connection(scene, refusal: "not granted"))
        await scene.desk.record(
            EgressConnection(session: scene.session.id, asked: "GET /\u{0}x", refusal: "no such target"))
        let rows = try await scene.connections()
        #expect(rows.map(\.decision) == ["allow", "deny", "deny"])
        #expect(
            rows.allSatisfy {
                $0.session == scene.session.id.rawValue && $0.requester == scene.ada.rawValue
                    && $0.channel == scene.room.rawValue && $0.conversation == scene.session.conversation.rawValue
            })
        let details = try #require(rows.first?.details)
        #expect(details["host"] == "files.example.com" && details["port"] == 443 && details["method"] == "CONNECT")
        #expect(details["up"] == 12 && details["down"] == 3400 && details["address"] == "203.0.113.5")
        #expect(details["end"] == "revoked" && rows.first?.rule == "egress: files (policy line 4)")
        #expect(rows.first?.duration == .milliseconds(250))
        #expect(rows[1].error == "not granted" && rows[2].details?["asked"]?.stringValue?.contains("GET /") == true)
    }

    @Test func whatCannotBeRecordedIsRefusedUntilItIs() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        #expect(try await scene.refusal() == nil)
        try scene.tamper("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
        for _ in 0..<3 { await scene.desk.record(try connection(scene)) }
        #expect(try await scene.refusal()?.contains("cannot be recorded") == true)
        #expect(try await scene.connections().isEmpty)
        try scene.tamper("DROP TRIGGER full")
        #expect(try await scene.refusal() == nil)
        #expect(try await scene.connections().count == 3, "nothing is lost, and nothing stands there twice")
    }

    /// The proxy's second look, of all a session's connections at once, goes by the same.
    @Test func whatIsAskedAgainIsHeldToTheSame() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        let requests = [try scene.request(), try scene.request("other.example.com"), try scene.request()]
        func again() async throws -> [Bool] {
            try await scene.desk.decideAgain(requests).map { if case .allow = $0 { true } else { false } }
        }
        #expect(try await again() == [true, false, true])
        #expect(try await scene.labels == [], "it opens nothing, so it labels nothing")
        try await scene.pauses.pause(.all, by: scene.ben, reason: "")
        #expect(try await again() == [false, false, false])
        _ = try await scene.pauses.resume(.all, by: scene.ben)
        try scene.tamper("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
        await scene.desk.record(try connection(scene))
        #expect(try await again() == [false, false, false], "it cannot be recorded")
        try scene.tamper("DROP TRIGGER full")
        #expect(try await again() == [true, false, true])
        // Nobody's questions are answered by another session's standing.
        var foreign = try scene.request()
        foreign.session = SessionID(trusted: "another")
        let verdicts = try await scene.desk.decideAgain([try scene.request(), foreign])
        guard case .allow = verdicts[0], case .refuse = verdicts[1] else {
            return #expect(Bool(false), "\(verdicts)")
        }
        try await scene.database.label(scene.session.id, adding: .private)
        #expect(try await again() == [false, false, false])
    }

    @Test func beyondWhatIsKeptTheNumberIs() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        try scene.tamper("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
        for _ in 0..<1030 { await scene.desk.record(try connection(scene, refusal: "x")) }
        try scene.tamper("DROP TRIGGER full")
        #expect(try await scene.refusal() == nil)
        var filter = AuditFilter()
        filter.event = "egress.unrecorded"
        #expect(try await scene.audit.rows(matching: filter).first?.details?["connections"] == 6)
        filter.event = "egress.connection"
        filter.limit = 5000
        #expect(try await scene.audit.rows(matching: filter).count == 1024)
    }

    // MARK: An admin's word

    /// It opens one address once, for the call that was asked about: no other call lives on it, though it asks the same.
    @Test func anAdminsWordIsGoodForItsVeryCallAlone() async throws {
        let scene = try await EgressScene()
        let server = EgressServer(desk: scene.desk, book: scene.book)
        let arguments: JSONObject = ["domain": "files.example.com", "reason": "reports"]
        func allowed(_ call: String) async throws -> ApprovalID {
            let id = try await scene.database.createApproval(
                ApprovalDraft(
                    call: CallID(trusted: call), session: scene.session.id, conversation: scene.session.conversation,
                    requester: scene.ada, tool: EgressServer.name, effect: .read,
                    arguments: JSONValue.object(arguments).text, argumentsDigest: "d", policyDigest: "p", rule: "r",
                    reason: "it opens it", approvers: "admin",
                    expires: WallClock.system.now().advanced(by: .seconds(600)))
            ).id
            guard case .decided = try await scene.database.decideApproval(id, allow: true, by: scene.ben, note: nil)
            else { throw StoreError(.conflict, "it was not decided") }
            #expect(try await scene.database.takeAnswer(id, isHeld: true))
            return id
        }
        func call(_ call: String, answered: ApprovalID? = nil) async throws -> Bool {
            let context = ToolContext(
                session: scene.session.id, conversation: scene.session.conversation, channel: scene.room,
                requester: scene.ada, call: CallID(trusted: call), approval: answered)
            return try await !server.call(EgressServer.name, arguments: arguments, context: context).isError
        }
        let first = try await allowed("k1")
        #expect(try await !call("k2"))
        #expect(try await !call("k2", answered: ApprovalID(trusted: "another")))
        #expect(try await scene.database.egressGrants().isEmpty)
        // By a later call where its own was over when the answer came, and once.
        #expect(try await call("k2", answered: first))
        let grant = try #require(try await scene.database.egressGrants().first)
        #expect(grant.approval == first && grant.giver == scene.ben)
        _ = try await scene.book.revoke(grant.id.rawValue, reason: "", by: scene.ben)
        #expect(try await !call("k2", answered: first))
        #expect(try await !call("k1"))
        let second = try await allowed("k3")
        #expect(try await call("k3"))
        #expect(try await scene.database.egressGrant(answering: second) != nil)
    }

    // MARK: Doors

    @Test func aDoorIsThereWhereSomethingIsGrantedAndOnlyThen() async throws {
        let scene = try await EgressScene()
        let box = FakeCompartment()
        let door = "\(scene.session.id)/workspace"
        await scene.desk.attach(scene.session.id, box)
        #expect(!box.hasDoor && scene.doors.told.open.isEmpty)
        // Later, without a new container.
        let grant = try await scene.allow(.channel(scene.room))
        #expect(box.hasDoor && scene.doors.told.open == [door])
        // A container that died and started again has one door, not two.
        await box.startAgain()
        #expect(scene.doors.told.open == [door])
        let rechecks = scene.doors.told.rechecks
        _ = try await scene.book.revoke(grant.id.rawValue, reason: "enough", by: scene.ben)
        #expect(!box.hasDoor && scene.doors.told.open.isEmpty)
        #expect(scene.doors.told.rechecks > rechecks, "live connections are asked about at once")
    }

    @Test func whatWasGrantedBeforeIsThereFromTheStart() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        let box = FakeCompartment()
        await scene.desk.attach(scene.session.id, box)
        #expect(box.hasDoor && scene.doors.told.open.count == 1)
        await scene.desk.detach(scene.session.id)
        #expect(scene.doors.told.open.isEmpty && scene.doors.told.closed.contains("\(scene.session.id)"))
    }

    @Test func aSessionThatBecomesPrivateHasItsDoorShutBeforeItsSandboxIsUsedAgain() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        let box = FakeCompartment()
        await scene.desk.attach(scene.session.id, box)
        try await scene.desk.settle(scene.session.id)
        #expect(box.hasDoor)
        try await scene.database.label(scene.session.id, adding: .private)
        try await scene.desk.settle(scene.session.id)
        #expect(!box.hasDoor && scene.doors.told.open.isEmpty)
        // Nor does a container that starts later get one.
        await scene.desk.serve(-1, scene.session.id)
        #expect(scene.doors.told.open.isEmpty)
    }

    @Test func aDoorForTheContainerOfAPrivateSessionIsClosedUnserved() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        let box = FakeCompartment()
        await scene.desk.attach(scene.session.id, box)
        try await scene.database.label(scene.session.id, adding: .private)
        var ends: [CInt] = [0, 0]
        #expect(pipe(&ends) == 0)
        let before = scene.doors.told.open
        await scene.desk.serve(ends[0], scene.session.id)
        #expect(scene.doors.told.open == before)
        #expect(fcntl(ends[0], F_GETFD) == -1, "its descriptor is closed")
        close(ends[1])
    }

    @Test func aCommandWithSecretsHasADoorOfItsOwn() async throws {
        let scene = try await EgressScene(policy: Self.inFile)
        let name = EgressDoorName("errand-1")
        #expect(try await scene.refusal("api.example.com", door: name) != nil)
        try await scene.desk.openErrand(
            name, of: scene.session.id, to: [try EgressEntry(line: "api.example.com")], listening: -1)
        #expect(try await scene.refusal("api.example.com", door: name) == nil)
        #expect(try await scene.refusal("files.example.com", door: name) != nil, "granted to the session, not to it")
        #expect(try await scene.refusal("api.example.com") != nil, "and the other way round")
        await #expect(throws: ChatError.self) {
            try await scene.desk.openErrand(name, of: scene.session.id, to: [], listening: -1)
        }
        await scene.desk.closeErrand(name, of: scene.session.id)
        #expect(try await scene.refusal("api.example.com", door: name) != nil)
        #expect(scene.doors.told.open.isEmpty)
    }

    // MARK: Grants

    @Test func onlyAnAdminGrantsAndTakesBack() async throws {
        let scene = try await EgressScene()
        await #expect(throws: ChatError.self) {
            _ = try await scene.book.allow(
                EgressGrantDraft(entry: EgressScene.entry, scope: .company, reason: ""), by: scene.ada)
        }
        let grant = try await scene.allow()
        await #expect(throws: ChatError.self) {
            _ = try await scene.book.revoke(grant.id.rawValue, reason: "", by: scene.ada)
        }
        await #expect(throws: ChatError.self) { _ = try await scene.book.list(for: scene.ada) }
        _ = try await scene.database.deactivate(scene.ben)
        await #expect(throws: ChatError.self) { try await scene.allow() }
    }

    /// Asked of the store at each connection: a grant is worth what its giver's word is worth then.
    @Test func aGrantHoldsOnlyWhileItsGiverMayGive() async throws {
        let scene = try await EgressScene()
        let box = FakeCompartment()
        try await scene.allow()
        await scene.desk.attach(scene.session.id, box)
        #expect(try await scene.refusal() == nil && box.hasDoor)
        try await scene.database.admit(scene.ben, as: .member)
        #expect(try await scene.refusal()?.contains("not granted") == true)
        #expect(
            try await scene.desk.grants(try EgressEntry(written: "files.example.com"), to: scene.session.id) == false)
        await scene.desk.reconsider()
        #expect(!box.hasDoor && scene.doors.told.open.isEmpty)
        try await scene.database.admit(scene.ben, as: .admin)
        #expect(try await scene.refusal() == nil)
        _ = try await scene.database.deactivate(scene.ben)
        #expect(try await scene.refusal() != nil)
    }

    @Test func itIsRevokedByItsDomainAndOnRecord() async throws {
        let scene = try await EgressScene()
        try await scene.allow(.company)
        try await scene.allow(.channel(scene.room))
        #expect(try await scene.refusal() == nil)
        let ended = try await scene.book.revoke("FILES.example.com", reason: "enough", by: scene.ben)
        #expect(ended.count == 2)
        #expect(try await scene.refusal() != nil)
        await #expect(throws: ChatError.self) {
            _ = try await scene.book.revoke("files.example.com", reason: "", by: scene.ben)
        }
        var filter = AuditFilter()
        filter.event = "egress.granted"
        let given = try await scene.audit.rows(matching: filter)
        #expect(given.count == 2 && given.allSatisfy { $0.requester == scene.ben.rawValue })
        filter.event = "egress.revoked"
        let revoked = try await scene.audit.rows(matching: filter)
        #expect(revoked.count == 2 && revoked.first?.details?["entry"] == "files.example.com")
        #expect(revoked.first?.details?["reason"] == "enough")
    }

    @Test func aGrantThatCannotBeRecordedNeverHolds() async throws {
        let scene = try await EgressScene()
        try scene.tamper("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END")
        await #expect(throws: (any Error).self) { try await scene.allow() }
        try scene.tamper("DROP TRIGGER full")
        #expect(try await scene.refusal() != nil)
    }

    @Test func aGrantKnowsWhenItWasLastUsed() async throws {
        let scene = try await EgressScene()
        let grant = try await scene.allow()
        func used() async throws -> Timestamp? { try await scene.database.egressGrant(grant.id)?.lastUsed }
        guard case .allow(let rule, _) = try await scene.desk.decide(try scene.request()) else {
            return #expect(Bool(false))
        }
        #expect(try await used() == nil)
        await scene.desk.record(try connection(scene, refusal: "no"))
        #expect(try await used() == nil)
        var connection = try connection(scene)
        connection.rule = rule
        await scene.desk.record(connection)
        let first = try #require(try await used())
        await scene.desk.record(connection)
        #expect(try await used() == first, "once an hour")
        #expect(EgressGrant.id(ofRule: rule) == grant.id && EgressGrant.id(ofRule: "egress: files") == nil)
    }

    @Test func aGrantOfAPastTimeIsRefused() async throws {
        let scene = try await EgressScene()
        await #expect(throws: ChatError.self) {
            _ = try await scene.book.allow(
                EgressGrantDraft(
                    entry: EgressScene.entry, scope: .company, reason: "", expires: Timestamp(milliseconds: 5)),
                by: scene.ben)
        }
    }
}
