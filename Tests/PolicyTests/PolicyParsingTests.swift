import Model
import Policy
import Testing

@Suite struct PolicyParsingTests {
    @Test func theStandardPolicyIsGood() throws {
        let policy = try Policy(yaml: Policy.standardText, file: "policy.yaml")
        #expect(policy.digest.count == 32)
        for line in Policy.standardText.split(separator: "\n") { #expect(line.utf8.count <= 120) }
    }

    @Test(arguments: [
        ("", 1, "empty"),
        ("- a", 1, "mapping"),
        ("version: 2", 1, "version has to be 1"),
        ("rules: []", 1, "version"),
        ("version: 1\nrulez: []", 2, "unknown key \"rulez\""),
        (
            "version: 1\nrulez: []", 2,
            "allowed are version, expires, timeZone, groups, sources, ruleOfTwo, personalFolder, untrusted, tools, deny, rules"
        ),
        ("version: 1\nexpires: soon", 2, "30s, 10m"),
        ("version: 1\nexpires: 99999999999999999999d", 2, "30s, 10m"),
        ("version: 1\nexpires: 0m", 2, "30s, 10m"),
        ("version: 1\nrules: x", 2, "list"),
        ("version: 1\nrules:\n  - tool: x\n    decision: allow", 3, "name is missing"),
        ("version: 1\nrules:\n  - name: a\n    tool: x", 3, "decision is missing"),
        ("version: 1\nrules:\n  - name: a\n    decision: maybe", 4, "allow, ask, deny"),
        ("version: 1\nrules:\n  - name: a\n    decision: allow", 4, "a grant says what it grants"),
        ("version: 1\nrules:\n  - name: a\n    decision: allow\n    tool: []", 5, "empty list"),
        ("version: 1\nrules:\n  - name: a\n    decision: allow\n    tool: [[x]]", 5, "list of texts"),
        (
            "version: 1\nrules:\n  - name: a\n    decision: deny\n    effect: harmful", 5,
            "read, write, destructive, external"
        ),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    mode: [auto, yolo]", 5, "bypassPermissions"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    role: root", 5, "owner, admin, member, guest"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    args: x", 5, "unknown key \"args\""),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    expires: 1m", 5, "belongs to a rule that asks"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    grants: none", 5, "belongs to a rule that asks"),
        ("version: 1\nrules:\n  - name: a\n    decision: ask\n    grants: always", 5, "none, conversation, channel"),
        (
            "version: 1\nrules:\n  - {name: a, decision: ask, approvers: secondPerson, grants: channel}", 3,
            "one conversation at most"
        ),
        ("version: 1\ndeny:\n  - name: a\n    grants: none", 4, "unknown key \"grants\""),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n  - name: a\n    decision: deny", 5, "taken"),
        ("version: 1\ndeny:\n  - name: a\n    decision: allow", 4, "unknown key \"decision\""),
        ("version: 1\ntools:\n  - effect: read", 3, "tool is missing"),
        ("version: 1\ntools:\n  - tool: x\n    labels: secret", 4, "untrusted, private"),
        ("version: 1\ntools:\n  - tool: x\n    runsCommands: perhaps", 4, "true or false"),
        ("version: 1\ntimeZone: Mars/Base", 2, "Europe/Berlin"),
        ("version: 1\ngroups: [a]", 2, "mapping"),
        ("version: 1\ngroups: {a: []}", 2, "empty list"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    group: x", 5, "there are none"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    hours: 8-18", 5, "08:00-18:30"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    hours: 25:00-26:00", 5, "08:00-18:30"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    days: someday", 5, "mon, tue"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    place: here", 5, "direct, room"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments: []", 5, "empty list"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - at: path", 6, "JSON Pointer"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - at: /a~2", 6, "JSON Pointer"),
        ("version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - at: /a", 6, "needs one of"),
        (
            "version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - {at: /a, glob: x, equals: y}",
            6,
            "needs one of"
        ),
        (
            "version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - at: /a\n      pattern: '('", 7,
            "lacks a )"
        ),
        (
            "version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - at: /a\n      inside: ../x", 7,
            "absolute path"
        ),
        (
            "version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - at: /a\n      domain: '*.com'",
            7,
            "example.com"
        ),
        (
            "version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - at: /a\n      from: 5\n      to: 1",
            8, "smaller"
        ),
        (
            "version: 1\nrules:\n  - name: a\n    decision: deny\n    arguments:\n    - at: /a\n      from: .inf", 7,
            "number"
        ),
        ("version: 1\nversion: 1", nil, ""),
        ("version: 1\nrules:\n  - name: \"a\n", nil, ""),
        ("version: 1\n\t- x", nil, ""),
        ("*unknown", nil, ""),
    ])
    func saysWhereAndWhatIsAllowed(yaml: String, line: Int?, message: String) {
        let error = #expect(throws: PolicyError.self) { try Policy(yaml: yaml, file: "p.yaml") }
        if let line { #expect(error?.line == line) }
        #expect(message.isEmpty || error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("p.yaml") == true)
    }

    @Test func hostileFilesAreErrors() {
        #expect(throws: PolicyError.self) { try Policy(yaml: String(repeating: "#", count: 1 << 21), file: "p") }
        #expect(throws: PolicyError.self) { try Policy(yaml: String(repeating: "[", count: 5000), file: "p") }
        #expect(throws: PolicyError.self) { try Policy(yaml: "version: 1\n\u{0}", file: "p") }
    }
}
