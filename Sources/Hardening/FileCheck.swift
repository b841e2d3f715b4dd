internal import Glibc
internal import Model
internal import Settings

/// The files walls are made of: whose they are, who may write or read them, and what is in those nobody should change.
struct FileCheck {
    /// What has to hold of a file, whatever was accepted.
    struct Rule {
        let path: String
        /// `nil`: whoever it is, but not the service user.
        var owner: uid_t?
        /// Permissions it must not have.
        var forbidden: mode_t = 0o022
        /// Its content is part of the baseline.
        var hasDigest = false
        /// No error where it is missing.
        var isOptional = true
        /// What goes wrong otherwise.
        let why: String
    }

    let rules: [Rule]
    let service: uid_t?

    init(settings: Settings, broker: InstalledBroker?, program: String?) {
        let service = broker?.serviceUID ?? FileFact(settings.data.directory)?.uid
        self.service = service
        let home = Self.folder(of: settings.file)
        var rules = [
            Rule(
                path: home, owner: 0,
                why: "whoever can write here can exchange the broker's configuration and its programs"),
            Rule(
                path: settings.file, owner: 0, hasDigest: true, isOptional: false,
                why: "whoever can write it decides who is an admin"),
            Rule(
                path: settings.policy.file, hasDigest: true,
                why: "whoever can write it decides what the assistant may do"),
            Rule(
                path: settings.data.directory, owner: service, forbidden: 0o077, isOptional: false,
                why: "it holds all conversations, the audit and the keys"),
            Rule(
                path: settings.model.keyFile, owner: service, forbidden: 0o077, why: "it holds the key of the provider"),
            Rule(
                path: settings.audit.witnessFile, owner: 0, why: "whoever can write it can forge the audit's past"),
            Rule(
                path: settings.runtime.directory, owner: service,
                why: "whoever can write here can answer in the daemon's place"),
            Rule(
                path: settings.consoleSocket, owner: service, forbidden: 0,
                why: "another process answers in the daemon's place"),
            Rule(path: settings.mcpSocket, owner: service, forbidden: 0, why: "another process answers in its place"),
            Rule(
                path: settings.broker.socket, owner: 0, forbidden: 0o007,
                why: "everybody who can use it can have containers made"),
            Rule(
                path: Self.folder(of: settings.broker.socket), owner: 0,
                why: "whoever can write here can answer in the broker's place"),
        ]
        if !settings.audit.httpsTokenFile.isEmpty {
            rules.append(
                Rule(
                    path: settings.audit.httpsTokenFile, owner: service, forbidden: 0o077,
                    why: "it holds the token of the audit's sink"))
        }
        for (path, why) in [
            (settings.slack.botTokenFile, "it holds the token by which the app speaks in Slack"),
            (settings.slack.appTokenFile, "it holds the token by which Slack's events are taken"),
            (settings.slack.signingSecretFile, "whoever reads it can pass for Slack"),
        ] where !path.isEmpty {
            rules.append(Rule(path: path, owner: service, forbidden: 0o077, why: why))
        }
        if let broker {
            rules.append(
                Rule(
                    path: broker.path, owner: 0, hasDigest: true, isOptional: false,
                    why: "whoever can write it can have any container made, as root"))
            for profile in broker.profiles.values.sorted() {
                rules.append(
                    Rule(
                        path: profile, owner: 0, hasDigest: true, isOptional: false,
                        why: "it decides which system calls code in a sandbox may make"))
            }
            for hook in broker.hooks {
                rules.append(Rule(path: hook, owner: 0, hasDigest: true, why: "root starts it"))
            }
            rules.append(
                Rule(
                    path: broker.volumes, owner: 0, forbidden: 0o027, isOptional: false,
                    why: "everybody on this machine could read what people store"))
            rules.append(
                Rule(path: broker.run + "/doors", owner: 0, forbidden: 0o077, why: "it holds the agents' doors"))
        }
        if let program {
            for name in ["bulkhead", "bulkhead-broker", "bulkhead-agent"] {
                rules.append(
                    Rule(path: program + "/" + name, owner: 0, hasDigest: true, why: "root or the daemon runs it"))
            }
        }
        self.rules = rules
        self.keyFolder = settings.data.directory
    }

    private let keyFolder: String

    func run(_ facts: inout HostFacts) -> [Drift] {
        var found: [Drift] = []
        for rule in rules {
            guard let file = FileFact(rule.path) else {
                facts[.file, rule.path] = "missing"
                if !rule.isOptional {
                    found.append(
                        Drift(
                            .fail, rule.path, "is missing", expected: "there", found: "missing",
                            advice: "Put it back, or set the installation up again (docs/operations.md)."))
                }
                continue
            }
            facts[.file, rule.path] = file.words
            if rule.hasDigest { facts[.content, rule.path] = FileFact.digest(rule.path) ?? "unreadable" }
            found += problems(file, rule)
        }
        return found + strangers()
    }

    private func problems(_ file: FileFact, _ rule: Rule) -> [Drift] {
        var found: [Drift] = []
        let isWrongOwner = rule.owner.map { $0 != file.uid } ?? (file.uid == service && service != 0)
        if isWrongOwner {
            let expected = rule.owner.map(SystemNames.user) ?? "not the service user"
            found.append(
                Drift(
                    .fail, file.path, "belongs to \(SystemNames.user(file.uid)): \(rule.why)", expected: expected,
                    found: file.words, since: file.changed,
                    advice: "`chown \(rule.owner.map(SystemNames.user) ?? "root") \(file.path)`, and see what is in it."
                ))
        }
        // A directory with the sticky bit lets nobody exchange what is another's.
        let open = file.kind == "directory" && file.mode & 0o1000 != 0 ? rule.forbidden & ~0o022 : rule.forbidden
        // A link's mode means nothing.
        if file.kind != "link", file.mode & open != 0 {
            found.append(
                Drift(
                    .fail, file.path,
                    "can be \(file.mode & open & 0o022 != 0 ? "written" : "read or used") by others: \(rule.why)",
                    expected: FileFact.octal(file.mode & ~open), found: file.words, since: file.changed,
                    advice:
                        "`chmod \(FileFact.octal(file.mode & ~open)) \(file.path)`, and see what was done meanwhile."))
        }
        if file.kind == "link", rule.owner != nil {
            found.append(
                Drift(
                    .fail, file.path, "is a link: what is behind it was not looked at", found: file.words,
                    since: file.changed, advice: "Put the file itself in its place."))
        }
        return found
    }

    /// Everything in the data directory is the service user's, and nobody else's to read.
    private func strangers() -> [Drift] {
        guard let service else { return [] }
        return SystemFile.names(in: keyFolder).compactMap { name in
            guard let file = FileFact(keyFolder + "/" + name) else { return nil }
            let isKey = name.hasSuffix(".key")
            let isOpen = file.kind != "link" && file.mode & (isKey ? 0o077 : 0o022) != 0
            guard file.uid != service || isOpen || file.kind == "link" else { return nil }
            return Drift(
                .fail, file.path, isOpen ? "is open to others" : "is not the service user's own file",
                expected: "\(isKey ? "0600" : "not writable by others") \(SystemNames.user(service))",
                found: file.words,
                since: file.changed,
                advice: "Find out who put it there; `chown` and `chmod` it, or take it away.")
        }
    }

    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}
