package import Model
internal import Markdown

/// What was typed: a message, or a command of the chat itself.
package enum ChatCommand: Sendable, Hashable {
    case message(String)
    case help, new, files, cancel, quit
    case threads(open: Int?)
    case mode(Mode?)
    case attach(path: String)
    /// `nil`: the newest change of this thread.
    case undo(call: String?, force: Bool)
    case save(number: Int, path: String?)
    case mistake(String)

    package static let listing: [(String, String)] = [
        ("/new", "start a new thread"),
        ("/threads [N]", "list the threads of this channel, or open one"),
        ("/mode [NAME]", "show how much runs without asking, or be more careful: acceptEdits, readOnly"),
        ("/undo [CALL] [--force]", "put back what a file change replaced: the newest here, or that of a call"),
        ("/attach FILE", "send a file along with the next message"),
        ("/files", "list the files of this thread"),
        ("/save N [PATH]", "save a file of this thread here"),
        ("/cancel", "stop what is running (Ctrl-C does the same)"),
        ("/quit", "leave (Ctrl-D does the same)"),
        ("//text", "a message that starts with a slash"),
        ("Alt-Enter, Ctrl-J", "a new line within a message; pasted lines stay together"),
    ]

    package init(_ line: String) {
        let text = line.trimmed()
        guard text.hasPrefix("/"), !text.contains("\n") else {
            self = .message(line)
            return
        }
        if text.hasPrefix("//") {
            self = .message(String(text.dropFirst()))
            return
        }
        let word = String(text.prefix { $0 != " " })
        let argument = text.dropFirst(word.count).trimmed()
        switch word {
        case "/help", "/?": self = .help
        case "/new": self = .new
        case "/files": self = .files
        case "/cancel": self = .cancel
        case "/quit", "/exit": self = .quit
        case "/threads":
            guard argument.isEmpty || Int(argument) != nil else {
                self = .mistake("/threads takes the number of a thread, not “\(argument)”.")
                return
            }
            self = .threads(open: Int(argument))
        case "/mode":
            guard argument.isEmpty || Mode(named: argument) != nil else {
                let names = Mode.allCases.map { "\($0.title) (\($0.rawValue))" }.joined(separator: ", ")
                self = .mistake("There is no mode “\(argument)”. Modes: \(names).")
                return
            }
            self = .mode(Mode(named: argument))
        case "/undo":
            var words = argument.split(separator: " ").map(String.init)
            let force = words.contains("--force")
            words.removeAll { $0 == "--force" }
            self =
                words.count > 1
                ? .mistake("Which call? /undo [CALL] [--force]") : .undo(call: words.first, force: force)
        case "/attach":
            self = argument.isEmpty ? .mistake("Which file? /attach FILE") : .attach(path: argument)
        case "/save":
            let number = String(argument.prefix { $0 != " " })
            guard let value = Int(number) else {
                self = .mistake("Which file? /save N, with a number that /files shows.")
                return
            }
            let path = argument.dropFirst(number.count).trimmed()
            self = .save(number: value, path: path.isEmpty ? nil : path)
        default:
            self = .mistake("There is no command “\(word)”. /help lists them; //… sends text that starts with a slash.")
        }
    }
}
