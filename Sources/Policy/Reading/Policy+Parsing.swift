internal import Crypto
internal import Foundation
internal import Model
internal import Yams

extension Policy {
    /// `file` is for messages. Everything unknown is an error: a rule that is not understood must not be passed over.
    package init(yaml: String, file: String) throws(PolicyError) {
        guard yaml.utf8.count <= 1 << 20 else {
            throw PolicyError(file: file, line: nil, message: "the policy is over 1 MB")
        }
        guard let root = try Self.compose(yaml, file: file) else {
            throw PolicyError(file: file, line: 1, message: "the policy is empty; it needs at least \"version: 1\"")
        }
        let top = try YAMLMapping(
            root, file: file, what: "the policy",
            allowed: [
                "version", "expires", "timeZone", "groups", "sources", "ruleOfTwo", "personalFolder", "untrusted",
                "tools",
                "deny", "rules", "redact", "egress",
            ])
        guard try top.text("version") == "1" else { throw top.error("version", "has to be 1") }
        var reader = RuleReader(groups: try Self.groups(top), zone: try Self.zone(top))
        digest = Array(SHA256.hash(data: Array(yaml.utf8)))
        expires = try top.duration("expires") ?? .seconds(24 * 3600)
        ruleOfTwo = try top.word("ruleOfTwo") ?? .ask
        personalFolder = try top.word("personalFolder") ?? .onRequest
        asksUntrusted = try top.word("untrusted", as: UntrustedWord.self) == .ask
        sources = try Self.sources(top)
        denials = try reader.denials(top)
        rules = try reader.rules(top)
        var egressReader = EgressReader(reader)
        egress = try egressReader.read(top)
        var tools: [ToolOverride] = []
        for item in try top.items("tools", allowed: ["tool", "effect", "runsCommands", "labels", "deadline"]) {
            tools.append(try Self.override(item))
        }
        self.tools = tools
        redaction = try Self.redaction(top)
    }

    private static func groups(_ top: YAMLMapping) throws(PolicyError) -> [String: People] {
        guard let mapping = try top.mapping("groups") else { return [:] }
        var groups: [String: People] = [:]
        for name in mapping.keys {
            guard let members = try mapping.list(name) else { continue }
            groups[name] = try mapping.people(members, name)
        }
        return groups
    }

    private enum UntrustedWord: String, CaseIterable { case ask, asRules }

    private static func sources(_ top: YAMLMapping) throws(PolicyError) -> Sources {
        guard let mapping = try top.mapping("sources", allowed: ["uploads", "guests"]) else { return Sources() }
        return Sources(
            uploads: try mapping.word("uploads") ?? .untrusted, guests: try mapping.word("guests") ?? .untrusted)
    }

    private static func zone(_ top: YAMLMapping) throws(PolicyError) -> TimeZone {
        guard let name = try top.text("timeZone") else { return .gmt }
        guard let zone = TimeZone(identifier: name) else {
            throw top.error("timeZone", "\"\(name.prefix(60))\" is not known; write one such as Europe/Berlin or UTC")
        }
        return zone
    }

    private static func compose(_ yaml: String, file: String) throws(PolicyError) -> Node? {
        do {
            return try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            switch error {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
                .composer(_, let problem, let mark, _):
                throw PolicyError(file: file, line: mark.line, message: problem)
            case .duplicatedKeysInMapping(let keys, let context):
                throw PolicyError(
                    file: file, line: context.mark.line,
                    message: "keys that stand there twice: \(keys.joined(separator: ", "))")
            default: throw PolicyError(file: file, line: nil, message: "\(error)")
            }
        } catch {
            throw PolicyError(file: file, line: nil, message: "\(error)")
        }
    }

    private static func redaction(_ top: YAMLMapping) throws(PolicyError) -> Redaction {
        var entries: [Redaction.Entry] = []
        for item in try top.items("redact", allowed: ["tool", "at", "pattern"]) {
            let target: Redaction.Entry.Target
            switch (try item.text("at"), try item.text("pattern")) {
            case (let text?, nil):
                guard let pointer = JSONPointer(text) else {
                    throw item.error("at", "has to be a JSON Pointer such as /password or /headers/0")
                }
                target = .at(pointer)
            case (nil, let text?):
                do {
                    target = .pattern(try LinearPattern(".*(\(text)).*"))
                } catch {
                    throw item.error("pattern", error.description)
                }
            default: throw item.error("at", "or pattern, one of the two, says what is not to be kept")
            }
            entries.append(Redaction.Entry(tools: try item.globs("tool"), target: target))
        }
        return Redaction(entries: entries)
    }

    private static func override(_ item: YAMLMapping) throws(PolicyError) -> ToolOverride {
        guard let tools = try item.globs("tool") else { throw item.error("tool", "is missing") }
        return ToolOverride(
            tools: tools, effect: try item.word("effect"), runsCommands: try item.flag("runsCommands"),
            labels: try item.labels("labels") ?? [],
            deadline: try item.duration("deadline"))
    }
}
