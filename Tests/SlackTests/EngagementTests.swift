import Slack
import Testing

/// Whether something said is for the assistant, as a table.
@Suite struct EngagementTests {
    private static func ask(
        _ text: String, by author: Engagement.Author = .member, in place: Engagement.Place = .channel,
        mentioned: Bool = false, subtype: String? = nil, hidden: Bool = false, files: Bool = false,
        rules: EngagementRules = EngagementRules()
    ) -> Engagement {
        Engagement.decide(
            Engagement.Question(
                author: author, place: place, subtype: subtype, isHidden: hidden, isMentioned: mentioned,
                hasFiles: files, text: text),
            by: rules)
    }

    @Test func aMentionEngagesAnywhere() {
        for place in [Engagement.Place.channel, .direct, .ourThread(hasOthers: true), .ourThread(hasOthers: false)] {
            guard case .engage = Self.ask("do it", in: place, mentioned: true) else {
                Issue.record("\(place)")
                continue
            }
        }
    }

    @Test func aDirectMessageEngages() {
        #expect(Self.ask("hello", in: .direct) == .engage(.direct))
        #expect(Self.ask("", in: .direct, subtype: "file_share", files: true) == .engage(.direct))
        #expect(Self.ask("  ", in: .direct) == .ignore(.empty))
    }

    @Test func whatNobodyAddressedIsContext() {
        #expect(Self.ask("the build is red") == .context(.notAddressed))
        #expect(Self.ask("bulkhead is a nice word") == .context(.notAddressed), "no name is configured")
    }

    /// One person alone with it need not call it again and again; where several talk, they talk to each other too.
    @Test func followUpsEngageWhileOnePersonIsAloneWithIt() {
        var rules = EngagementRules()
        #expect(Self.ask("and now?", in: .ourThread(hasOthers: false), rules: rules) == .engage(.followUp))
        #expect(Self.ask("and now?", in: .ourThread(hasOthers: true), rules: rules) == .context(.othersInThread))
        rules.followUps = .always
        #expect(Self.ask("and now?", in: .ourThread(hasOthers: true), rules: rules) == .engage(.followUp))
        rules.followUps = .never
        #expect(Self.ask("and now?", in: .ourThread(hasOthers: false), rules: rules) == .context(.notAddressed))
    }

    /// Lesson 9: thanks are no reason to stop listening.
    @Test(arguments: ["thanks, but also check X", "Thank you! And the other file?", "great, thanks", "ok"])
    func lesson9ThanksThatGoOnAreForIt(text: String) {
        #expect(Self.ask(text, in: .ourThread(hasOthers: false)) == .engage(.followUp))
        #expect(Self.ask(text, in: .direct) == .engage(.direct))
    }

    @Test(arguments: [
        ("Bulkhead, what is this?", true), ("hey bulkhead what is this", true), ("Hi, BULKHEAD!", true),
        ("bulkheads are walls", false), ("the bulkhead", false), ("ask bulkhead", false), ("", false),
        ("hey you, bulkhead", false), ("Ok Bulkhead – go", true),
    ])
    func itsNameAtTheBeginningCallsIt(text: String, isCalled: Bool) {
        var rules = EngagementRules()
        rules.names = ["Bulkhead"]
        let isEngaged = Self.ask(text.isEmpty ? "x" : text, rules: rules) == .engage(.named)
        #expect(isEngaged == isCalled)
    }

    @Test(arguments: [
        ("where is my invoice?", true), ("INVOICE 42", true), ("invoices", false), ("a refund  request please", true),
        ("request a refund", false),
    ])
    func keywordsOfAChannelCallIt(text: String, isCalled: Bool) {
        var rules = EngagementRules()
        rules.keywords = ["invoice", "refund request"]
        #expect((Self.ask(text, rules: rules) == .engage(.keyword)) == isCalled)
        #expect(Self.ask(text) == .context(.notAddressed))
    }

    /// Lesson 11: what is overheard is never answered, and programs do not answer each other for ever.
    @Test func lesson11ProgramsAreHeardAndNotObeyed() {
        let unknown = Engagement.Author.bot(isAllowed: false, turns: 0)
        for place in [Engagement.Place.channel, .direct, .ourThread(hasOthers: false)] {
            #expect(Self.ask("do it", by: unknown, in: place, mentioned: true) == .context(.unknownBot))
            #expect(Self.ask("do it", by: .ourselves, in: place, mentioned: true) == .ignore(.ourselves))
        }
        var rules = EngagementRules()
        rules.botTurns = 2
        func allowed(_ turns: Int, mentioned: Bool = true) -> Engagement {
            Self.ask(
                "next", by: .bot(isAllowed: true, turns: turns), in: .ourThread(hasOthers: false), mentioned: mentioned,
                subtype: "bot_message", rules: rules)
        }
        #expect(allowed(0) == .engage(.mentioned) && allowed(1) == .engage(.mentioned))
        #expect(allowed(2) == .context(.botLoop) && allowed(3) == .context(.botLoop))
        #expect(allowed(0, mentioned: false) == .context(.notAddressed), "it does not follow up")
    }

    @Test func guestsAndStrangersNeverEngageIt() {
        for place in [Engagement.Place.channel, .direct, .ourThread(hasOthers: false)] {
            #expect(Self.ask("do it", by: .guest, in: place, mentioned: true) == .context(.guest))
            #expect(Self.ask("do it", by: .stranger, in: place, mentioned: true) == .context(.stranger))
            #expect(Self.ask("do it", by: .deactivated, in: place, mentioned: true) == .ignore(.deactivated))
        }
    }

    @Test(arguments: [
        "channel_join", "channel_leave", "channel_topic", "pinned_item", "reminder_add", "message_changed",
        "message_deleted", "message_replied", "tombstone", "bot_add", "ekm_access_denied", "something_new",
    ])
    func whatSlackWritesIsNobodysWord(subtype: String) {
        #expect(Self.ask("<@U1> has joined", mentioned: true, subtype: subtype) == .ignore(.system))
        #expect(Self.ask("x", in: .direct, subtype: subtype) == .ignore(.system))
    }

    @Test func whatIsHiddenIsIgnoredAndFilesAndEmotesAreSaid() {
        #expect(Self.ask("x", in: .direct, hidden: true) == .ignore(.hidden))
        for subtype in ["file_share", "me_message", "thread_broadcast"] {
            #expect(Self.ask("x", in: .direct, subtype: subtype) == .engage(.direct))
        }
    }

    /// A long text costs time in proportion to it, whatever stands in it.
    @Test func aHostileTextIsReadInLinearTime() {
        var rules = EngagementRules()
        rules.names = ["a a a a a a a a b"]
        rules.keywords = ["a a a a a a a b"]
        let text = String(repeating: "a ", count: 20_000)
        #expect(Self.ask(text, rules: rules) == .context(.notAddressed))
    }
}
