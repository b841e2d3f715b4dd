internal import Yams

extension Settings {
    /// Reads `path` and checks all of it. Paths in the result are absolute.
    package static func load(path: String) throws(SettingsError) -> Settings {
        let text: String
        do {
            text = try SettingsFile.read(path)
        } catch {
            throw SettingsError(file: path, problems: [.init(line: nil, message: error.reason)])
        }
        return try parse(text, file: path)
    }

    /// As `load`, for text that is already here; `file` is what problems name and relative paths start from.
    package static func parse(_ text: String, file: String) throws(SettingsError) -> Settings {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError(file: file, problems: [problem(from: error)])
        }
        var settings = Settings()
        settings.file = SettingsFile.absolute(file, in: SettingsFile.workingDirectory)
        var problems: [SettingsError.Problem] = []
        switch root {
        case nil: break  // An empty file asks for the defaults.
        case .mapping(let mapping): read(mapping, prefix: "", into: &settings, &problems)
        case .scalar(let scalar) where ["", "~", "null"].contains(scalar.string): break
        case let other?:
            problems.append(.init(line: other.mark?.line, message: "a configuration is made of sections: 'console:' …"))
        }
        problems += settings.slack.faceless.map { channel, face in
            let message =
                "'slack.channels' gives \(quoted(channel)) the face \(quoted(face)), which 'slack.faces' does not have"
            return .init(line: nil, message: message)
        }
        guard problems.isEmpty else { throw SettingsError(file: file, problems: problems) }
        settings.resolvePaths()
        return settings
    }

    private static func read(
        _ mapping: Node.Mapping, prefix: String, into settings: inout Settings,
        _ problems: inout [SettingsError.Problem]
    ) {
        for (keyNode, value) in mapping {
            let line = keyNode.mark?.line
            guard case .scalar(let scalar) = keyNode else {
                problems.append(.init(line: line, message: "a key must be a plain word"))
                continue
            }
            let name = prefix + scalar.string
            if let key = keys.first(where: { $0.name == name }) {
                do throws(InvalidValue) {
                    try key.read(value, &settings)
                } catch {
                    let message = "'\(name)' \(error.reason); allowed: \(key.allowed)"
                    problems.append(.init(line: value.mark?.line ?? line, message: message))
                }
            } else if keys.contains(where: { $0.name.hasPrefix(name + ".") }) {
                switch value {
                case .mapping(let section): read(section, prefix: name + ".", into: &settings, &problems)
                case .scalar(let scalar) where ["", "~", "null"].contains(scalar.string): break
                default:
                    problems.append(.init(line: line, message: "'\(name)' is a section: it holds \(members(of: name))"))
                }
            } else {
                problems.append(.init(line: line, message: unknown(name, prefix: prefix)))
            }
        }
    }

    private static func unknown(_ name: String, prefix: String) -> String {
        let known = keys.map(\.name) + Set(keys.compactMap { sectionName(of: $0.name) }).sorted()
        if let near = SettingKey.nearest(to: name, among: known) {
            return "there is no setting \(quoted(name)); did you mean '\(near)'?"
        }
        return "there is no setting \(quoted(name)); \(prefix.isEmpty ? "sections are" : "here it can be")"
            + " \(members(of: String(prefix.dropLast())))"
    }

    private static func sectionName(of key: String) -> String? {
        key.split(separator: ".").first.map(String.init)
    }

    /// The names one level below `section`, in the order of the table.
    private static func members(of section: String) -> String {
        let prefix = section.isEmpty ? "" : section + "."
        var names: [String] = []
        for key in keys where key.name.hasPrefix(prefix) {
            let name = String(key.name.dropFirst(prefix.count).prefix { $0 != "." })
            if !names.contains(name) { names.append(name) }
        }
        return names.joined(separator: ", ")
    }

    private static func problem(from error: any Error) -> SettingsError.Problem {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            .init(line: mark.line, message: "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            .init(
                line: context.mark.line,
                message: "a key stands here twice: \(duplicates.map { quoted("\($0)") }.joined(separator: ", "))")
        default: .init(line: nil, message: "this is not YAML: \(quoted("\(error)"))")
        }
    }

    private mutating func resolvePaths() {
        let directory = SettingsFile.parent(of: file)
        data.directory = SettingsFile.absolute(data.directory, in: directory)
        // Where the data is, or a service with its data elsewhere would look for its keys beside the configuration.
        model.keyFile =
            model.keyFile.isEmpty
            ? data.directory + "/anthropic.key" : SettingsFile.absolute(model.keyFile, in: directory)
        if !model.pricesFile.isEmpty { model.pricesFile = SettingsFile.absolute(model.pricesFile, in: directory) }
        if !model.openAIKeyFile.isEmpty {
            model.openAIKeyFile = SettingsFile.absolute(model.openAIKeyFile, in: directory)
        }
        for tier in [\ModelSettings.fast, \.balanced, \.best] {
            for index in model[keyPath: tier].targets.indices where !model[keyPath: tier].targets[index].keyFile.isEmpty
            {
                let file = model[keyPath: tier].targets[index].keyFile
                model[keyPath: tier].targets[index].keyFile = SettingsFile.absolute(file, in: directory)
            }
        }
        audit.witnessFile = SettingsFile.absolute(audit.witnessFile, in: directory)
        if !audit.httpsAuthority.isEmpty {
            audit.httpsAuthority = SettingsFile.absolute(audit.httpsAuthority, in: directory)
        }
        if !audit.httpsTokenFile.isEmpty {
            audit.httpsTokenFile = SettingsFile.absolute(audit.httpsTokenFile, in: directory)
        }
        vault.keyFile =
            vault.keyFile.isEmpty
            ? data.directory + "/vault.key" : SettingsFile.absolute(vault.keyFile, in: directory)
        if !vault.kvTokenFile.isEmpty { vault.kvTokenFile = SettingsFile.absolute(vault.kvTokenFile, in: directory) }
        if !vault.kvAuthority.isEmpty { vault.kvAuthority = SettingsFile.absolute(vault.kvAuthority, in: directory) }
        if !slack.botTokenFile.isEmpty {
            slack.botTokenFile = SettingsFile.absolute(slack.botTokenFile, in: directory)
        }
        if !slack.appTokenFile.isEmpty {
            slack.appTokenFile = SettingsFile.absolute(slack.appTokenFile, in: directory)
        }
        if !slack.signingSecretFile.isEmpty {
            slack.signingSecretFile = SettingsFile.absolute(slack.signingSecretFile, in: directory)
        }
        hooks.directory = SettingsFile.absolute(hooks.directory, in: directory)
        broker.file = SettingsFile.absolute(broker.file, in: directory)
        policy.file = SettingsFile.absolute(policy.file, in: directory)
    }
}
