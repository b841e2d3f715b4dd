@testable import Harness
import MCP
import Model
import Policy
import Store
import Testing
import ToolServers

/// `GrantRecord.covers`: every part of the question, and everything about the giver, changed one at a time.
@Suite struct GrantCoverTests {
    /// A question as it is asked, before one thing of it is changed.
    struct Asked {
        var conversation: ConversationID
        var channel: ChannelID
        var requester: PersonID
        var tool = "post"
        var argumentsDigest = "a1"
        var rule = Rule(name: "ask", line: 3, grants: .channel)
        var approvers = Approvers.admins
        var labels: Labels = [.untrusted]
        var offer: GrantOffer? = GrantOffer(reach: .channel, rule: "ask", toolDigest: "t1", isExact: false, mode: .auto)

        init(_ fixture: GateFixture) {
            conversation = fixture.session.conversation
            channel = fixture.session.channel
            requester = fixture.anna.id
        }

        func request(_ fixture: GateFixture) -> ApprovalRequest {
            ApprovalRequest(
                call: fixture.identifiers.make(), session: fixture.session.id, conversation: conversation,
                channel: channel, requester: requester, tool: tool, effect: .external, arguments: ["text": "x"],
                argumentsDigest: argumentsDigest, policyDigest: "p", rule: rule, reason: "a test", approvers: approvers,
                expires: .seconds(600), labels: labels, offer: offer)
        }
    }

    private static let changes: [(String, @Sendable (inout Asked) -> Void, conversation: Bool, channel: Bool)] = [
        ("nothing", { _ in }, true, true),
        ("the conversation", { $0.conversation = ConversationID(trusted: "other") }, false, true),
        ("the channel", { $0.channel = ChannelID(trusted: "other") }, true, false),
        ("the requester", { $0.requester = PersonID(trusted: "other") }, false, false),
        ("the tool", { $0.tool = "posts" }, false, false),
        ("the tool's digest", { $0.offer?.toolDigest = "t2" }, false, false),
        ("the rule", { $0.offer?.rule = "other" }, false, false),
        ("the arguments", { $0.argumentsDigest = "a2" }, true, true),
        ("that it is about these very arguments", { $0.offer?.isExact = true }, false, false),
        ("how far an answer may reach", { $0.offer?.reach = .conversation }, true, false),
        ("that nothing is offered", { $0.offer = nil }, false, false),
        ("fewer labels", { $0.labels = [] }, true, true),
        ("more labels", { $0.labels = [.untrusted, .private] }, false, false),
        ("other labels", { $0.labels = [.private] }, false, false),
        ("a more careful mode", { $0.offer?.mode = .acceptEdits }, false, false),
        ("who may answer: the requester", { $0.approvers = .requester }, false, false),
        ("who may answer: a second person", { $0.approvers = .secondPerson }, true, true),
    ]

    @Test(arguments: changes.indices) func ofTheQuestion(_ index: Int) async throws {
        let (name, change, inConversation, inChannel) = Self.changes[index]
        let fixture = try await GateFixture()
        for (scope, expected) in [(GrantScope.conversation, inConversation), (.channel, inChannel)] {
            var asked = Asked(fixture)
            let grant = try #require(try await fixture.give(asked.request(fixture), scope, by: fixture.ben.id))
            change(&asked)
            #expect(
                grant.covers(asked.request(fixture), at: fixture.database.clock.now()) == expected, "\(name), \(scope)")
        }
    }

    @Test func exactArguments() async throws {
        let fixture = try await GateFixture()
        var asked = Asked(fixture)
        asked.offer?.isExact = true
        let grant = try #require(try await fixture.give(asked.request(fixture), .conversation, by: fixture.ben.id))
        let now = fixture.database.clock.now()
        #expect(grant.argumentsDigest == "a1" && grant.arguments == #"{"text":"x"}"#)
        #expect(grant.covers(asked.request(fixture), at: now))
        asked.argumentsDigest = "a2"
        #expect(!grant.covers(asked.request(fixture), at: now))
        // A tool that runs no command any more is another tool by its digest; the narrower grant stays narrow.
        asked.offer?.isExact = false
        #expect(!grant.covers(asked.request(fixture), at: now))
    }

    @Test func itEnds() async throws {
        let fixture = try await GateFixture()
        let ask = Asked(fixture).request(fixture)
        for (scope, days) in [(GrantScope.conversation, 30), (.channel, 90)] {
            let grant = try #require(try await fixture.give(ask, scope, by: fixture.ben.id))
            let end = grant.created.advanced(by: .seconds(days * 86400))
            #expect(grant.expires == end)
            #expect(grant.covers(ask, at: Timestamp(milliseconds: end.milliseconds - 1)))
            #expect(!grant.covers(ask, at: end) && grant.end(at: end) == "expired")
        }
    }

    /// Each is undone again where it can be, so that it is this and nothing else that ends it.
    @Test func ofTheGiver() async throws {
        let fixture = try await GateFixture()
        let database = fixture.database
        let ask = Asked(fixture).request(fixture)
        let id = try #require(try await fixture.give(ask, .channel, by: fixture.ben.id)).id
        func holds() async throws -> String? {
            let grant = try #require(try await database.grant(id))
            let now = database.clock.now()
            #expect(grant.covers(ask, at: now) == (grant.end(at: now) == nil) || grant.giverRole == .member)
            return grant.covers(ask, at: now) ? nil : grant.end(at: now) ?? "not theirs to decide"
        }
        #expect(try await holds() == nil)
        try await database.admit(fixture.ben.id, as: .member)
        #expect(try await holds() == "not theirs to decide")
        try await database.admit(fixture.ben.id, as: .guest)
        #expect(try await holds() == "void: ben is a guest now")
        try await database.admit(fixture.ben.id, as: .owner)
        #expect(try await holds() == nil)
        _ = try await database.acceptInbound(
            InboundDraft(
                channel: fixture.session.channel, conversation: fixture.session.conversation, author: fixture.anna.id,
                onBehalfBy: fixture.ben.id, text: "go on", surface: "cli", eventID: "2"))
        #expect(try await holds() == "void: ben has spoken for anna")
    }

    @Test func deactivationEndsItForGood() async throws {
        let fixture = try await GateFixture()
        for person in [fixture.anna, fixture.ben] {
            let ask = Asked(fixture).request(fixture)
            let id = try #require(try await fixture.give(ask, .channel, by: fixture.ben.id)).id
            try await fixture.database.deactivate(person.id)
            try await fixture.database.admit(person.id, as: person.role)
            let grant = try #require(try await fixture.database.grant(id))
            #expect(!grant.covers(ask, at: fixture.database.clock.now()))
            #expect(grant.end(at: fixture.database.clock.now()) == "ended: somebody may not come in any more")
        }
    }

    @Test func aConversationsGrantSpeaksForNoOtherOfTheChannelInTheStoreEither() async throws {
        let fixture = try await GateFixture()
        let ask = Asked(fixture).request(fixture)
        let near = try #require(try await fixture.give(ask, .conversation, by: fixture.ben.id))
        let far = try #require(try await fixture.give(ask, .channel, by: fixture.ben.id))
        let other = try await fixture.database.acceptInbound(
            InboundDraft(
                channel: fixture.session.channel, author: fixture.anna.id, text: "x", surface: "w", eventID: "9")
        ).message.conversation
        func found(_ place: ConversationID) async throws -> Set<GrantID> {
            Set(try await fixture.database.grants(for: fixture.anna.id, tool: "post", in: place).map(\.id))
        }
        #expect(try await found(fixture.session.conversation) == [near.id, far.id])
        #expect(try await found(other) == [far.id])
    }

    @Test(
        arguments: [
            (Mode.auto, Effect.external, false, Approvers.requester, GrantScope.channel),
            (.acceptEdits, .destructive, false, .admins, .channel), (.auto, .write, true, .requester, .conversation),
            (.auto, .external, false, .secondPerson, .conversation), (.readOnly, .write, false, .requester, nil),
            (.bypassPermissions, .write, false, .requester, nil),
        ] as [(Mode, Effect, Bool, Approvers, GrantScope?)])
    func whatIsOffered(_ mode: Mode, _ effect: Effect, _ runs: Bool, _ who: Approvers, _ reach: GrantScope?)
        async throws
    {
        let fixture = try await GateFixture()
        let tool = RegisteredTool(tool: Tool(name: "x"), effect: effect, server: "a", runsCommands: runs)
        func offer(
            _ rule: Rule, evidence: Evidence = Evidence(directory: "/workspace/thread"),
            _ change: (inout CallRequest) -> Void = { _ in }
        ) -> GrantOffer? {
            var request = fixture.request("x", mode: mode)
            change(&request)
            let question = PolicyQuestion(request, tool, fixture.policy.current, at: fixture.database.clock.now())
            return GrantOffer(request, question, tool, who, rule, evidence)
        }
        let rule = Rule(name: "r", grants: .channel)
        #expect(offer(rule)?.reach == reach)
        // What a command's words do not say may be another next time.
        for evidence in [
            Evidence(directory: "/workspace/user"),
            Evidence(directory: "/workspace/thread", files: [Evidence.File(path: "a.sh", digest: "d", bytes: 1)]),
            Evidence(directory: "/workspace/thread", unbound: [Evidence.Unbound(path: "$X", why: "worked out")]),
        ] {
            #expect(offer(rule, evidence: evidence)?.reach == (runs ? nil : reach))
        }
        #expect(offer(rule).map(\.isExact) ?? runs == runs)
        #expect(offer(rule) { $0.onBehalfBy = fixture.ben.id } == nil)
        #expect(offer(Rule(name: "r")) == nil)
        #expect((offer(rule) { $0.labels = [.untrusted, .private] } == nil) == (reach == nil || effect == .external))
        #expect(offer(Rule(name: "r", grants: .conversation))?.reach == reach.map { _ in .conversation })
    }
}
