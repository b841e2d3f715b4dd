import Model
import Testing

@testable import Policy

/// Who may answer what: over every kind of rule, and every relation of the one who answers to the one it is done for.
@Suite struct ApproversTests {
    private static let anna = PersonID(trusted: "p-anna")
    private static let ben = PersonID(trusted: "p-ben")
    private static let carl = PersonID(trusted: "p-carl")
    private static let flags = [false, true]

    private struct Case: CustomStringConvertible {
        var approvers: Approvers
        var answerer: Answerer
        /// The requester is anna; one of the named is called `named`.
        var isRequester: Bool { answerer.person == anna }

        var description: String { "\(approvers.rawValue) \(answerer)" }
    }

    private static func answerers(_ person: PersonID, isActive: [Bool]) -> [Answerer] {
        Role.allCases.flatMap { role in
            ["named", "other"].flatMap { name in
                flags.flatMap { spoken in
                    isActive.map { Answerer(person: person, name: name, role: role, isActive: $0, hasSpoken: spoken) }
                }
            }
        }.filter { $0.person != anna || !$0.hasSpoken }
    }

    private static let rules: [Approvers] = {
        var rules: [Approvers] = [.requester, .secondPerson, .admins]
        for isForSelf in flags { rules.append(Approvers(who: .named(People(["Named"]), self: isForSelf))) }
        return rules + rules.filter(\.mayBeRequester).map { Approvers(who: $0.who, deputies: true) }
    }()

    private static let cases: [Case] = {
        var cases: [Case] = []
        let principals = answerers(anna, isActive: flags) + answerers(carl, isActive: flags)
        for rule in rules {
            for answerer in answerers(anna, isActive: [true]) + answerers(ben, isActive: [true]) {
                cases.append(Case(approvers: rule, answerer: answerer))
                for principal in principals where principal.person != answerer.person {
                    var deputy = answerer
                    deputy.standsFor = [principal]
                    cases.append(Case(approvers: rule, answerer: deputy))
                }
            }
        }
        return cases
    }()

    private func right(_ one: Case) -> AnswerRight { one.approvers.right(of: one.answerer, requester: Self.anna) }

    @Test func everybodyHasTheRightsOfTheRuleAndNoOthers() {
        #expect(Self.cases.count > 4000)
        for one in Self.cases where one.answerer.standsFor.isEmpty {
            let (who, isGuest) = (one.answerer, one.answerer.role == .guest)
            let expected: AnswerRight =
                switch one.approvers.who {
                case .requester: one.isRequester ? .own : .none
                case .admins: who.role == .admin || who.role == .owner ? .own : .none
                case .secondPerson:
                    one.isRequester || isGuest ? .none : who.hasSpoken ? .alsoAsked : .own
                case .named(_, let isForSelf):
                    if who.name != "named" {
                        .none
                    } else if one.isRequester {
                        isForSelf ? .own : .none
                    } else if isGuest {
                        .none
                    } else {
                        who.hasSpoken ? .alsoAsked : .own
                    }
                }
            #expect(right(one) == expected, "\(one)")
        }
    }

    /// Whoever was let see the question has to be there still when the answer counts.
    @Test func whoDoesNotReadThePlaceIsNoSecondPerson() {
        for one in Self.cases where one.answerer.standsFor.isEmpty {
            var away = one
            away.answerer.readsPlace = false
            #expect(right(away) == (one.approvers.who == .secondPerson ? .none : right(one)), "\(one)")
        }
    }

    @Test func aDeputyHasTheRightOfWhomHeStandsForAndNoneOfHisOwn() {
        var given = 0
        for one in Self.cases {
            guard let principal = one.answerer.standsFor.first else { continue }
            var alone = one.answerer
            alone.standsFor = []
            let own = right(Case(approvers: one.approvers, answerer: alone))
            // What somebody may answer is not lost by being a deputy.
            guard own == .none else {
                #expect(right(one) == own, "\(one)")
                continue
            }
            var present = principal
            present.isActive = true
            let isNamed = if case .named = one.approvers.who { true } else { false }
            let mayAnswer =
                !one.isRequester && one.answerer.role != .guest && one.approvers.who != .secondPerson
                && right(Case(approvers: one.approvers, answerer: present)) == .own
                && (principal.isActive || isNamed) && (principal.person != Self.anna || one.approvers.deputies)
            let expected: AnswerRight =
                !mayAnswer ? .none : one.answerer.hasSpoken ? .alsoAsked : .deputy(of: principal)
            #expect(right(one) == expected, "\(one)")
            if mayAnswer { given += 1 }
        }
        #expect(given > 50)
    }

    @Test func whereTwoAreWantedOneNeverAnswersAlone() {
        for one in Self.cases where !one.approvers.mayBeRequester && right(one).isGiven {
            #expect(!one.isRequester && !one.answerer.hasSpoken && one.answerer.role != .guest, "\(one)")
        }
        for one in Self.cases where right(one).place != nil {
            #expect(!one.isRequester && !one.answerer.hasSpoken && one.answerer.role != .guest, "\(one)")
        }
    }

    @Test func whoeverIsOutAnswersNothing() {
        for var one in Self.cases {
            one.answerer.isActive = false
            #expect(right(one) == .none)
        }
    }

    @Test func theyAreStoredAsTextAndReadBack() {
        for rule in Self.rules { #expect(Approvers(rawValue: rule.rawValue) == rule) }
        // As rows of before have them.
        for word in ["requester", "secondPerson", "admins"] { #expect(Approvers(rawValue: word)?.rawValue == word) }
        let finance = Approvers(who: .named(People(["ben", "Anna"]), self: true))
        #expect(finance.rawValue == #"{"named":["anna","ben"],"self":true}"#)
        #expect(Approvers(who: .requester, deputies: true).rawValue == #"{"deputies":true,"who":"requester"}"#)
        for text in ["", "anybody", "[]", "{}", #"{"named":[]}"#, #"{"who":"all"}"#, #"{"named":[1]}"#, "{"] {
            #expect(Approvers(rawValue: text) == nil, "\(text)")
        }
    }

    // MARK: - In the file

    private func approvers(_ lines: String) throws -> Approvers {
        let policy = try Policy(
            yaml: "version: 1\ngroups: {finance: [ben, Carla]}\nrules:\n  - name: a\n    tool: x\n    decision: ask\n"
                + lines.split(separator: "\n").map { "    \($0)\n" }.joined(), file: "p.yaml")
        let asked = policy.evaluate(
            PolicyQuestion(
                tool: "x", effect: .read, mode: .auto, role: .member, requester: Self.anna, requesterName: "anna",
                channel: ChannelID(trusted: "c")))
        guard case .ask(let approvers, _, _, _) = asked else { throw PolicyError(file: "", line: nil, message: "no") }
        return approvers
    }

    @Test func aRuleNamesPeopleAndGroups() throws {
        #expect(try approvers("") == .requester)
        #expect(try approvers("approvers: admins") == .admins)
        #expect(try approvers("approvers: [secondPerson]") == .secondPerson)
        let several = try approvers("approvers: [anna, group:finance]")
        #expect(several == Approvers(who: .named(People(["anna", "ben", "carla"]), self: false)))
        #expect(several.inWords == "one of anna, ben, carla, not the one it is done for")
        #expect(try approvers("approvers: anna\nself: true").inWords == "anna")
        #expect(try approvers("deputies: true").deputies)
        #expect(try approvers("approvers: admins\ndeputies: true").deputies)
    }

    @Test(arguments: [
        ("approvers: [anna, group:sales]", 7, "\"sales\" is not among the groups of this file (finance)"),
        ("approvers: [anna, admins]", 7, "stands alone"),
        ("approvers: second_person", 7, "secondPerson is written so"),
        ("approvers: Admins", 7, "admins is written so"),
        ("approvers: []", 7, "empty list"),
        ("approvers: {a: b}", 7, "has to be a text"),
        ("self: true", 7, "belongs to approvers that are named"),
        ("approvers: admins\nself: true", 8, "belongs to approvers that are named"),
        ("approvers: secondPerson\ndeputies: true", 8, "the requester is not asked"),
        ("approvers: anna\ndeputies: true", 8, "the requester is not asked"),
    ])
    func aMistakeHasItsLine(_ lines: String, _ line: Int, _ words: String) throws {
        let error = #expect(throws: PolicyError.self) { try approvers(lines) }
        #expect(error?.line == line && error?.message.contains(words) == true, "\(String(describing: error))")
    }

    @Test(arguments: ["approvers: anna", "self: true", "deputies: true"])
    func onlyARuleThatAsksHasApprovers(_ line: String) throws {
        let error = #expect(throws: PolicyError.self) {
            try Policy(yaml: "version: 1\nrules:\n  - {name: a, tool: x, decision: allow, \(line)}", file: "p")
        }
        #expect(error?.message.contains("belongs to a rule that asks") == true)
    }
}
