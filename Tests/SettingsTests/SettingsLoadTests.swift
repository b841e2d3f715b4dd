import Testing

@testable import Settings

@Suite struct SettingsLoadTests {
    private func problems(_ text: String) -> [String] {
        do throws(SettingsError) {
            _ = try Settings.parse(text, file: "/etc/b.yaml")
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    @Test(arguments: ["", "# nothing\n", "~\n", "console:\n", "console: ~\n"])
    func whatIsNotSaidIsTheDefault(text: String) throws {
        let settings = try Settings.parse(text, file: "/etc/b.yaml")
        #expect(settings.console == ConsoleSettings())
        #expect(settings.data.directory == "/etc/data")
        #expect(settings.model.keyFile == "/etc/data/anthropic.key")
        #expect(settings.vault.keyFile == "/etc/data/vault.key")
    }

    @Test func keysLieWithTheDataUnlessTheyAreNamed() throws {
        let moved = try Settings.parse("data: {directory: /srv/b}", file: "/etc/b.yaml")
        #expect(moved.model.keyFile == "/srv/b/anthropic.key" && moved.vault.keyFile == "/srv/b/vault.key")
        let named = try Settings.parse(
            "data: {directory: /srv/b}\nmodel: {key_file: keys/a}\nvault: {key_file: /keys/v}", file: "/etc/b.yaml")
        #expect(named.model.keyFile == "/etc/keys/a" && named.vault.keyFile == "/keys/v")
    }

    @Test func everyTypeOfValueIsRead() throws {
        let settings = try Settings.parse(
            """
            data: {directory: /srv/b/}
            broker: {in_process: true, file: /etc/broker.json}
            console:
              port: 9000
            people:
              owner: ada
              admins: [grace, "joan"]
              others: member
            model:
              best: {provider: anthropic, model: "big-1"}
              anthropic_url: http://127.0.0.1:9
            containers: {cpus: 0.5, memory: 512MiB}
            session: {idle_end: 5m}
            log: {level: debug}
            """, file: "b.yaml")
        #expect(settings.data.directory == "/srv/b")
        #expect(settings.broker.inProcess && settings.broker.file == "/etc/broker.json")
        #expect(settings.console.port == 9000)
        #expect(settings.people.owner == "ada")
        #expect(settings.people.admins == ["grace", "joan"])
        #expect(settings.people.others == .member)
        #expect(settings.model.best.provider == .anthropic)
        #expect(settings.model.best.model == "big-1")
        #expect(settings.model.fast.provider == .auto)
        #expect(settings.containers.cpus == 0.5)
        #expect(settings.containers.memory == 512 << 20)
        #expect(settings.session.idleEnd == .seconds(300))
        #expect(settings.log.level == .debug)
    }

    @Test func everyProblemIsToldAtOnceWithItsLineAndWhatIsAllowed() {
        let found = problems(
            """
            console:
              prot: 80
              port: 0
            containers:
              memory: 3
            sesion: {idle_end: 3m}
            session:
              idle_end: 10
            log:
              level: loud
            people: {admins: root}
            """)
        #expect(
            found == [
                "/etc/b.yaml:2: there is no setting 'console.prot'; did you mean 'console.port'?",
                "/etc/b.yaml:3: 'console.port' cannot be '0'; allowed: 1 to 65535",
                "/etc/b.yaml:5: 'containers.memory' cannot be '3'; allowed: 128MiB to 64GiB",
                "/etc/b.yaml:6: there is no setting 'sesion'; did you mean 'session'?",
                "/etc/b.yaml:8: 'session.idle_end' cannot be '10'; allowed: 5s to 1d",
                "/etc/b.yaml:10: 'log.level' cannot be 'loud'; allowed: one of trace, debug, info, notice, warning, error",
                "/etc/b.yaml:11: 'people.admins' is not a list;"
                    + " allowed: a list of operating-system user names: [ada, grace]",
            ])
    }

    @Test func anUnknownKeyWithoutANeighbourIsToldWhatThereIs() {
        #expect(
            problems("console:\n  zzzzzzzzzzzz: 1\n")
                == ["/etc/b.yaml:2: there is no setting 'console.zzzzzzzzzzzz'; here it can be host, port"])
        #expect(problems("xxxxxxxxxxxxxxxx: 1\n").first?.contains("sections are data, runtime, broker") == true)
    }

    @Test(arguments: [
        ("console: [1]\n", 1, "'console' is a section"), ("- a\n- b\n", 1, "made of sections"),
        ("just words\n", 1, "made of sections"), ("console:\n  port: {a: b}\n", 2, "is not a single value"),
        ("console:\n  port: 1\n  port: 2\n", 2, "stands here twice"), ("a: [\n", 2, "not YAML"),
        ("? [a, b]\n: c\n", 1, "a key must be a plain word"), ("console: *nowhere\n", 1, "not YAML"),
        ("a: b\n---\nc: d\n", 2, "not YAML"), ("model:\n  fast:\n    mode: x\n", 3, "did you mean 'model.fast.model'"),
    ])
    func shapesThatAreNoConfigurationNameTheirLine(text: String, line: Int, message: String) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.contains(message) == true, "\(found)")
        #expect(found.first?.hasPrefix("/etc/b.yaml:\(line):") == true, "\(found)")
    }

    @Test func controlCharactersInAMessageAreNotObeyed() {
        let found = problems("log: {level: \"\\e[2J\\u202E\"}\n")
        #expect(found.first?.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E } == false)
    }

    @Test(arguments: ["http://user@host", "ftp://host", "https://host/", "host"])
    func aBadAddressOfTheModelIsRefused(url: String) {
        #expect(problems("model: {anthropic_url: '\(url)'}\n").count == 1)
    }

    @Test func theWebChatListensOnLoopbackOnly() {
        #expect(problems("console: {host: 0.0.0.0}\n").first?.contains("localhost") == true)
    }

    @Test func aFileThatCannotBeReadSaysWhy() {
        #expect(throws: SettingsError.self) { try Settings.load(path: "/nonexistent/b.yaml") }
        do throws(SettingsError) {
            _ = try Settings.load(path: "/dev/null")
            Issue.record("a device is no configuration")
        } catch {
            #expect(error.description == "/dev/null: is not a regular file")
        }
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            ":", " ", "\n", "- ", "{", "}", "[", "]", "console", "port", "'", "\"", "&a ", "*a", "1", "!!x ", "|", "?",
        ]
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<30, using: &generator)
            let text = (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }.joined()
            _ = try? Settings.parse(text, file: "/f")
        }
    }
}
