import Model
import NetworkRules
import Policy
import Testing

/// `egress:` of the policy file, and what is decided by it and grants.
@Suite struct EgressPolicyTests {
    private func rules(_ text: String) throws -> EgressRules {
        try Policy(yaml: "version: 1\n" + text, file: "policy.yaml").egress
    }

    private func subject(
        role: Role = .member, channel: String = "sales", name: String = "anna", labels: Labels = []
    ) -> EgressSubject {
        EgressSubject(
            session: SessionID(trusted: "s1"), channel: ChannelID(trusted: channel),
            requester: PersonID(trusted: "p-\(name)"), requesterName: name, role: role, labels: labels)
    }

    private func target(_ host: String = "files.example.com", _ port: UInt16 = 443) throws -> Authority {
        Authority(host: try #require(HostName(host)), port: port)
    }

    private func grant(
        _ line: String, _ scope: EgressScope = .company, expires: Timestamp? = nil
    ) throws -> EgressGrant {
        EgressGrant(
            id: EgressGrantID(trusted: "g1"), entry: try EgressEntry(line: line), scope: scope, expires: expires)
    }

    private static let now = Timestamp(milliseconds: 1000)

    private func isAllowed(
        _ rules: EgressRules, _ target: Authority, method: String? = nil, path: String? = nil,
        for subject: EgressSubject, grants: [EgressGrant] = []
    ) -> Bool {
        let decision = rules.decide(
            target, method: method, path: path, for: subject, grants: grants, at: Self.now)
        if case .allow = decision { return true }
        return false
    }

    // MARK: The file

    @Test(arguments: [
        ("egress: x", 2, "mapping"),
        ("egress:\n  allowed: []", 3, "unknown key \"allowed\""),
        ("egress:\n  guests: all", 3, "none, company"),
        ("egress:\n  allow:\n    - domain: example.com", 4, "name is missing"),
        ("egress:\n  allow:\n    - name: a", 4, "domain is missing"),
        ("egress:\n  allow:\n    - {name: a, domain: []}", 4, "empty list"),
        ("egress:\n  allow:\n    - name: a\n      domain: 10.0.0.1", 5, "domain cannot be"),
        ("egress:\n  allow:\n    - name: a\n      domain: localhost", 5, "domain cannot be"),
        ("egress:\n  allow:\n    - name: a\n      domain: \"*\"", 5, "domain cannot be"),
        ("egress:\n  allow:\n    - name: a\n      domain: \"*.com\"", 5, "domain cannot be"),
        ("egress:\n  allow:\n    - name: a\n      domain: https://example.com", 5, "domain cannot be"),
        ("egress:\n  allow:\n    - name: a\n      domain: example.com:443", 5, "domain cannot be"),
        ("egress:\n  allow:\n    - name: a\n      domain: example.com\n      ports: 0", 6, "a port from 1 to 65535"),
        ("egress:\n  allow:\n    - name: a\n      domain: example.com\n      ports: 65536", 6, "a port from 1"),
        ("egress:\n  allow:\n    - name: a\n      domain: example.com\n      ports: -1", 6, "a port from 1"),
        ("egress:\n  allow:\n    - name: a\n      domain: example.com\n      methods: CONNECT", 6, "methods cannot"),
        ("egress:\n  allow:\n    - name: a\n      domain: example.com\n      paths: simple", 6, "paths cannot"),
        ("egress:\n  allow:\n    - name: a\n      domain: example.com\n      paths: /a/../b", 6, "paths cannot"),
        (
            "egress:\n  allow:\n    - name: a\n      domain: example.com\n      methods: GET\n      withoutSNI: true",
            6,
            "opens no tunnels"
        ),
        ("egress:\n  allow:\n    - {name: a, domain: example.com, role: root}", 4, "owner, admin, member, guest"),
        ("egress:\n  allow:\n    - {name: a, domain: example.com, group: none}", 4, "not among the groups"),
        ("egress:\n  allow:\n    - {name: a, domain: example.com, reason: x}", 4, "unknown key \"reason\""),
        ("egress:\n  deny:\n    - {name: a, domain: example.com, methods: GET}", 4, "unknown key \"methods\""),
        (
            "egress:\n  allow:\n    - {name: a, domain: example.com}\n  deny:\n    - {name: a, domain: example.org}", 6,
            "taken"
        ),
    ])
    func whatCannotBeUsedIsRefusedWithItsLine(_ text: String, _ line: Int, _ words: String) throws {
        let error = #expect(throws: PolicyError.self) { _ = try rules(text) }
        #expect(error?.line == line, "\(error?.description ?? "")")
        #expect(error?.message.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func anEmptyPolicyAllowsNothing() throws {
        for text in ["", "egress:", "egress: {}", "egress: {allow: []}", "egress: {guests: company}"] {
            let rules = try rules(text)
            for role in Role.allCases {
                #expect(!isAllowed(rules, try target(), for: subject(role: role)))
                #expect(!rules.grantsAnything(to: subject(role: role), grants: [], at: Self.now))
            }
        }
        let standard = try Policy(yaml: Policy.standardText, file: "policy.yaml").egress
        #expect(standard == EgressRules())
    }

    // MARK: Allowances

    @Test func anAllowanceNamesHostsPortsAndWhomItIsFor() throws {
        let rules = try rules(
            """
            groups: {finance: [ben]}
            egress:
              allow:
                - {name: all, domain: [one.example.com, "*.below.example.com"]}
                - {name: ports, domain: two.example.com, ports: [8443, 9000]}
                - {name: here, domain: three.example.com, channel: sales}
                - {name: them, domain: four.example.com, group: finance}
                - {name: admins, domain: five.example.com, role: [admin, owner]}
            """)
        let yes: [(String, UInt16, EgressSubject)] = [
            ("one.example.com", 443, subject()), ("one.example.com", 80, subject()),
            ("a.below.example.com", 443, subject()), ("a.b.below.example.com", 443, subject()),
            ("two.example.com", 8443, subject()), ("two.example.com", 9000, subject()),
            ("three.example.com", 443, subject()), ("four.example.com", 443, subject(name: "ben")),
            ("five.example.com", 443, subject(role: .admin)), ("five.example.com", 443, subject(role: .owner)),
        ]
        for (host, port, subject) in yes {
            #expect(isAllowed(rules, try target(host, port), for: subject), "\(host):\(port)")
        }
        let no: [(String, UInt16, EgressSubject)] = [
            ("one.example.com", 8443, subject()), ("x.one.example.com", 443, subject()),
            ("below.example.com", 443, subject()), ("xbelow.example.com", 443, subject()),
            ("two.example.com", 443, subject()), ("three.example.com", 443, subject(channel: "other")),
            ("four.example.com", 443, subject()), ("five.example.com", 443, subject()),
            ("example.com", 443, subject()), ("one.example.com.evil.com", 443, subject()),
        ]
        for (host, port, subject) in no {
            #expect(!isAllowed(rules, try target(host, port), for: subject), "\(host):\(port)")
        }
        guard
            case .allow(let rule, let isUnnamed) = rules.decide(
                try target("one.example.com"), for: subject(), grants: [], at: Self.now)
        else { return #expect(Bool(false)) }
        #expect(rule == "egress: all (policy line 5)" && !isUnnamed)
    }

    @Test func methodsAndPathsHoldForPlainRequestsAndOpenNoTunnel() throws {
        let rules = try rules(
            "egress:\n  allow:\n    - {name: a, domain: files.example.com, methods: [get, HEAD], paths: /simple}")
        let plain = try target("files.example.com", 80)
        #expect(isAllowed(rules, plain, method: "GET", path: "/simple/pip/", for: subject()))
        #expect(isAllowed(rules, plain, method: "HEAD", path: "/simple", for: subject()))
        for (method, path) in [
            ("POST", "/simple/"), ("GET", "/simpler"), ("GET", "/"), ("GET", "/simple/../x"),
            ("GET", "/simple/%2e%2e/x"),
            (nil, nil),
        ] as [(String?, String?)] {
            #expect(!isAllowed(rules, plain, method: method, path: path, for: subject()), "\(path ?? "tunnel")")
        }
        #expect(!isAllowed(rules, try target(), for: subject()))
    }

    // MARK: Grants

    @Test func aGrantHoldsForItsScopeAlone() throws {
        let rules = try rules("")
        let scopes: [(EgressScope, Bool)] = [
            (.company, true), (.channel(ChannelID(trusted: "sales")), true),
            (.channel(ChannelID(trusted: "other")), false), (.person(PersonID(trusted: "p-anna")), true),
            (.person(PersonID(trusted: "p-ben")), false), (.session(SessionID(trusted: "s1")), true),
            (.session(SessionID(trusted: "s2")), false),
        ]
        for (scope, expected) in scopes {
            let grants = [try grant("files.example.com", scope)]
            #expect(isAllowed(rules, try target(), for: subject(), grants: grants) == expected, "\(scope)")
            #expect(rules.grantsAnything(to: subject(), grants: grants, at: Self.now) == expected, "\(scope)")
        }
    }

    @Test func aGrantEndsWithItsTime() throws {
        let rules = try rules("")
        let times: [(Int64, Bool)] = [(999, false), (1000, false), (1001, true)]
        for (end, expected) in times {
            let grants = [try grant("files.example.com", expires: Timestamp(milliseconds: end))]
            #expect(isAllowed(rules, try target(), for: subject(), grants: grants) == expected, "\(end)")
        }
    }

    @Test func guestsHaveNothingOfTheCompanysUnlessTheFileSaysSo() throws {
        let allow =
            "egress:\n  guests: GUESTS\n  allow:\n    - {name: a, domain: open.example.com}\n"
            + "    - {name: b, domain: guests.example.com, role: guest}\n"
        let guest = subject(role: .guest)
        let company = [try grant("files.example.com")]
        let strict = try rules(allow.replacing("GUESTS", with: "none"))
        #expect(!isAllowed(strict, try target("open.example.com"), for: guest))
        #expect(!isAllowed(strict, try target(), for: guest, grants: company))
        #expect(isAllowed(strict, try target("guests.example.com"), for: guest))
        // What was given to them or their place in particular is theirs.
        for scope in [
            EgressScope.channel(guest.channel), .person(guest.requester), .session(guest.session),
        ] { #expect(isAllowed(strict, try target(), for: guest, grants: [try grant("files.example.com", scope)])) }
        let open = try rules(allow.replacing("GUESTS", with: "company"))
        #expect(isAllowed(open, try target("open.example.com"), for: guest))
        #expect(isAllowed(open, try target(), for: guest, grants: company))
    }

    // MARK: Denials

    @Test func aDenialStandsBeforeEveryGrant() throws {
        let rules = try rules(
            """
            egress:
              allow:
                - {name: a, domain: "*.example.com"}
              deny:
                - {name: never, domain: files.example.com, reason: it is ours}
                - {name: port, domain: other.example.com, ports: 80}
                - {name: not guests, domain: third.example.com, role: guest}
            """)
        let grants = [try grant("files.example.com:443,8443", .session(SessionID(trusted: "s1")))]
        for port: UInt16 in [80, 443, 8443] {
            guard
                case .refuse(let reason, let rule) = rules.decide(
                    try target("files.example.com", port), for: subject(role: .owner), grants: grants, at: Self.now)
            else { return #expect(Bool(false), "\(port)") }
            #expect(reason.contains("it is ours") && rule == "egress: never (policy line 6)")
        }
        #expect(!isAllowed(rules, try target("other.example.com", 80), for: subject()))
        #expect(isAllowed(rules, try target("other.example.com"), for: subject()))
        #expect(isAllowed(rules, try target("third.example.com"), for: subject()))
    }

    // MARK: Private sessions

    @Test func aPrivateSessionReachesNothing() throws {
        let rules = try rules("egress:\n  allow:\n    - {name: a, domain: files.example.com}")
        let grants = [try grant("files.example.com")]
        let labels: [(Labels, Bool)] = [
            ([], true), (.untrusted, true), (.private, false), ([.untrusted, .private], false),
        ]
        for (labels, expected) in labels {
            let subject = subject(role: .owner, labels: labels)
            #expect(isAllowed(rules, try target(), for: subject, grants: grants) == expected)
            #expect(rules.grantsAnything(to: subject, grants: grants, at: Self.now) == expected)
        }
        guard
            case .refuse(let reason, _) = rules.decide(
                try target(), for: subject(labels: .private), grants: grants, at: Self.now)
        else { return #expect(Bool(false)) }
        #expect(reason.contains("private"))
    }

    // MARK: Words

    @Test func arefusalSaysWhatWouldHelp() throws {
        func reason(_ target: Authority, _ grants: [EgressGrant]) throws -> String {
            guard
                case .refuse(let reason, _) = try rules("").decide(
                    target, for: subject(), grants: grants, at: Self.now)
            else { return "" }
            return reason
        }
        #expect(try reason(try target(), []).contains("egress_request"))
        let other = try reason(try target("files.example.com", 8443), [try grant("files.example.com")])
        #expect(other.contains("port 8443") && other.contains("granted"))
    }

    // MARK: Commands that run apart

    @Test func aCommandWithSecretsReachesTheirHostsAlone() throws {
        let rules = try rules(
            """
            egress:
              allow:
                - {name: a, domain: open.example.com}
              deny:
                - {name: b, domain: bad.example.com}
            """)
        func decide(_ host: String, _ labels: Labels = []) throws -> Bool {
            let decision = rules.decide(
                try target(host), for: subject(labels: labels),
                only: [try EgressEntry(line: "api.example.com"), try EgressEntry(line: "bad.example.com")])
            if case .allow = decision { return true }
            return false
        }
        #expect(try decide("api.example.com"))
        #expect(try !decide("open.example.com"))
        #expect(try !decide("bad.example.com"))
        #expect(try !decide("api.example.com", .private))
    }

    // MARK: Containing

    @Test(arguments: [
        ("example.com", "example.com", true), ("example.com", "www.example.com", false),
        ("*.example.com", "www.example.com", true), ("*.example.com", "example.com", false),
        ("*.example.com", "*.a.example.com", true), ("*.a.example.com", "*.example.com", false),
        ("example.com:443", "example.com", false), ("example.com", "example.com:443", true),
        ("example.com GET", "example.com", false), ("example.com", "example.com GET", true),
        ("example.com GET /a", "example.com GET /a/b", true), ("example.com GET /a/b", "example.com GET /a", false),
        ("example.com", "example.com without-sni", false), ("example.com without-sni", "example.com", true),
    ])
    func whatIsGrantedAlreadyNeedsNoWord(_ have: String, _ want: String, _ expected: Bool) throws {
        #expect(try EgressEntry(line: have).contains(try EgressEntry(line: want)) == expected)
    }
}
