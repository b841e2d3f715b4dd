import Model
import Slack
import Testing

@Suite struct SlackWordTests {
    @Test(arguments: [
        ("stop", SlackWord.stop), ("Stop!", .stop), (" cancel. ", .stop), ("STATUS", .status), ("help?", .help),
        ("Tasks", .tasks),
        ("mode", .mode(nil)), ("mode read only", .mode(.readOnly)), ("Mode: ask", nil),
        ("mode ask", .mode(.acceptEdits)),
        ("mode standard", .mode(.auto)), ("mode unattended", nil), ("mode bypassPermissions", nil),
        ("please stop", nil), ("stop by the shop", nil), ("status of the order", nil), ("help me with this", nil),
        ("thanks, but also check X", nil), ("", nil), ("stop stop", nil),
    ])
    func onlyAWordByItselfIsOne(text: String, word: SlackWord?) {
        #expect(SlackWord(text) == word)
    }

    @Test(arguments: [
        ("", SlashCommand.help), ("help", .help), (" Approvals ", .approvals), ("status", .status),
        ("link", .link(nil)),
        ("link AB-CD", .link("AB-CD")), ("status now", .unknown("status now")), ("link a b", .unknown("link a b")),
        ("dance", .unknown("dance")),
    ])
    func commandsAreRead(text: String, command: SlashCommand) {
        #expect(SlashCommand(text) == command)
    }
}
