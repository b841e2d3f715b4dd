internal import MCP
package import Model

/// Who may answer when the gate asks. A value: a rule says it, and it is stored with the question.
///
/// Nobody answers more than one question by one name: whoever asked, in the requester's name too, is no other person, and
/// a deputy has the right of whom he stands for and none of his own.
package struct Approvers: Hashable, Sendable {
    enum Who: Hashable, Sendable {
        /// The person the call is made for confirms it.
        case requester
        /// Somebody else, who is no guest.
        case secondPerson
        /// An admin or owner, the requester included where it is one.
        case admins
        /// One of these; `self` where the requester, being one of them, may confirm it too.
        case named(People, self: Bool)
    }

    var who: Who
    /// Whether the requester's deputy may do what the requester may.
    var deputies = false

    package static let requester = Approvers(who: .requester)
    package static let secondPerson = Approvers(who: .secondPerson)
    package static let admins = Approvers(who: .admins)

    /// Whether the requester could be the one to answer.
    var mayBeRequester: Bool {
        switch who {
        case .requester, .admins, .named(_, self: true): true
        case .secondPerson, .named(_, self: false): false
        }
    }

    /// Whether it takes somebody else than the requester.
    package var takesAnother: Bool { !mayBeRequester }

    package var isRequesters: Bool { who == .requester }

    package var inWords: String {
        switch who {
        case .requester: "the person it is done for" + (deputies ? " or their deputy" : "")
        case .secondPerson: "a second person, not the one it is done for"
        case .admins: "an admin"
        case .named(let people, let isForSelf):
            (people.sorted.count == 1 ? "" : "one of ") + people.sorted.joined(separator: ", ")
                + (isForSelf ? "" : ", not the one it is done for")
        }
    }

    /// Whether and how `answerer` may answer a question asked for `requester`.
    package func right(of answerer: Answerer, requester: PersonID) -> AnswerRight {
        guard answerer.isActive else { return .none }
        if isOpen(to: answerer, requester) { return hasAsked(answerer, requester) ? .alsoAsked : .own }
        // Anybody who is no guest may be the second person, so nobody needs to stand in for one.
        guard who != .secondPerson, answerer.person != requester, answerer.role != .guest else { return .none }
        let places = answerer.standsFor.filter { place in
            isOpen(to: place, requester) && !hasAsked(place, requester) && (place.isActive || isNamed)
                && (place.person != requester || deputies)
        }
        guard let place = places.first else { return .none }
        return answerer.hasSpoken ? .alsoAsked : .deputy(of: place)
    }

    /// Whether the rule means this person in particular.
    package func names(_ person: PersonID, called name: String) -> Bool {
        if case .named(let people, _) = who { people.contains(person, named: name) } else { false }
    }

    /// By name or id, as the file has it; else by role.
    private func isOpen(to answerer: Answerer, _ requester: PersonID) -> Bool {
        switch who {
        case .requester: answerer.person == requester
        case .secondPerson: answerer.person != requester && answerer.role != .guest && answerer.readsPlace
        case .admins: answerer.role == .admin || answerer.role == .owner
        case .named(let people, let isForSelf):
            people.contains(answerer.person, named: answerer.name)
                && (answerer.person == requester ? isForSelf : answerer.role != .guest)
        }
    }

    /// Whether one hand would have asked and answered, where the rule wants two.
    private func hasAsked(_ answerer: Answerer, _ requester: PersonID) -> Bool {
        switch who {
        case .requester, .admins: false
        case .secondPerson, .named: answerer.hasSpoken && answerer.person != requester
        }
    }

    private var isNamed: Bool {
        if case .named = who { true } else { false }
    }
}

/// Somebody who answers, as known at this moment.
package struct Answerer: Hashable, Sendable {
    package var person: PersonID
    package var name: String
    package var role: Role
    package var isActive: Bool
    /// In the requester's name, in the conversation of the question.
    package var hasSpoken: Bool
    /// Whether the place of the question is theirs to read, by membership or as an admin's.
    package var readsPlace: Bool
    /// Those whose deputy this is now; theirs is empty, as a deputy has none.
    package var standsFor: [Answerer]

    package init(
        person: PersonID, name: String, role: Role, isActive: Bool = true, hasSpoken: Bool = false,
        readsPlace: Bool = true, standsFor: [Answerer] = []
    ) {
        self.person = person
        self.name = name
        self.role = role
        self.isActive = isActive
        self.hasSpoken = hasSpoken
        self.readsPlace = readsPlace
        self.standsFor = standsFor
    }
}

package enum AnswerRight: Hashable, Sendable {
    case own
    case deputy(of: Answerer)
    /// Would be the right one, had they not spoken in the requester's name.
    case alsoAsked
    case none

    package var isGiven: Bool {
        switch self {
        case .own, .deputy: true
        case .alsoAsked, .none: false
        }
    }

    /// In whose place it is answered, where that is not one's own.
    package var place: Answerer? {
        if case .deputy(let place) = self { place } else { nil }
    }
}

extension Approvers: RawRepresentable {
    /// What is stored with a question: one of the policy's three words, or an object. `nil` for what is neither.
    package init?(rawValue text: String) {
        switch text {
        case "requester": self = .requester
        case "secondPerson": self = .secondPerson
        case "admins": self = .admins
        default:
            guard let value = try? JSONValue(parsing: Array(text.utf8)), let object = value.objectValue else {
                return nil
            }
            if let word = object["who"]?.stringValue {
                guard let plain = Approvers(rawValue: word) else { return nil }
                self = plain
            } else {
                let names = object["named"]?.arrayValue?.compactMap(\.stringValue) ?? []
                guard !names.isEmpty else { return nil }
                self.init(who: .named(People(names), self: object["self"] == true))
            }
            deputies = object["deputies"] == true
        }
    }

    package var rawValue: String {
        var object: JSONObject = [:]
        switch who {
        case .requester: object["who"] = "requester"
        case .secondPerson: object["who"] = "secondPerson"
        case .admins: object["who"] = "admins"
        case .named(let people, let isForSelf):
            object["named"] = .array(people.sorted.map { .string($0) })
            if isForSelf { object["self"] = true }
        }
        if let word = object["who"]?.stringValue, !deputies { return word }
        if deputies { object["deputies"] = true }
        return String(decoding: object.canonical(), as: UTF8.self)
    }
}
