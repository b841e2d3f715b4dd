internal import Model
internal import Yams

extension SettingValue where Value == [ModelSettings.Target] {
    /// A tier's models, the first one first. What a provider may see has no default: nobody is trusted by an oversight.
    static var targets: SettingValue {
        SettingValue(
            type: "list of targets",
            allowed:
                "a list of at most 10 of {provider: anthropic, openai or offline, model: its name, labels: [untrusted,"
                + " private] or fewer}, each with channels, url, key_file, images, tools, context_tokens, output_tokens and"
                + " price where they are wanted",
            read: { node throws(InvalidValue) in
                guard case .sequence(let items) = node else { throw InvalidValue(reason: "is not a list") }
                guard items.count <= 10 else { throw InvalidValue(reason: "has over 10 targets") }
                var targets: [ModelSettings.Target] = []
                for (index, item) in items.enumerated() {
                    guard case .mapping(let mapping) = item else {
                        throw InvalidValue(reason: "has a target \(index + 1) that is no mapping")
                    }
                    let reader = TargetReader(mapping, number: index + 1)
                    targets.append(try reader.target())
                }
                return targets
            },
            show: { "[" + $0.map(\.text).joined(separator: ", ") + "]" })
    }
}

/// One item of the list.
private struct TargetReader {
    private static let names = [
        "provider", "model", "labels", "channels", "url", "key_file", "images", "tools", "context_tokens",
        "output_tokens", "price",
    ]

    private let mapping: Node.Mapping
    private let number: Int

    init(_ mapping: Node.Mapping, number: Int) {
        self.mapping = mapping
        self.number = number
    }

    func target() throws(InvalidValue) -> ModelSettings.Target {
        for (key, _) in mapping {
            guard case .scalar(let name) = key, Self.names.contains(name.string) else {
                throw wrong("has something that is none of \(Self.names.joined(separator: ", "))")
            }
        }
        guard let provider = try text("provider").flatMap({ ModelSettings.Provider(rawValue: $0) }), provider != .auto
        else { throw wrong("has a provider that is none of anthropic, openai, offline") }
        let isOffline = provider == .offline
        guard let model = try text("model") ?? (isOffline ? "offline" : nil), isModelName(model) else {
            throw wrong("names no model")
        }
        var target = ModelSettings.Target(
            provider: provider, model: model, labels: try labels(isOffline ? [.untrusted, .private] : nil))
        target.channels = try list("channels")
        if let url = try text("url") {
            guard isModelURL(url) else {
                throw wrong("has a url that is none: http:// or https://, without a last slash")
            }
            target.url = url
        }
        target.keyFile = try text("key_file") ?? ""
        target.images = try flag("images")
        target.tools = try flag("tools")
        target.contextTokens = try number("context_tokens")
        target.outputTokens = try number("output_tokens")
        if target.outputTokens != nil, provider != .openai {
            throw wrong("has output_tokens, which is for provider openai: other requests are passed on as they are")
        }
        target.price = try text("price")
        return target
    }

    private func wrong(_ what: String) -> InvalidValue { InvalidValue(reason: "has a target \(number) that \(what)") }

    private func text(_ name: String) throws(InvalidValue) -> String? {
        guard let node = mapping[Node(name)] else { return nil }
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty, !scalar.string.utf8.contains(0) else {
            throw wrong("has a \(name) that is no text")
        }
        return scalar.string
    }

    private func list(_ name: String) throws(InvalidValue) -> [String]? {
        guard let node = mapping[Node(name)] else { return nil }
        guard case .sequence(let items) = node else { throw wrong("has \(name) that are no list") }
        var texts: [String] = []
        for item in items {
            guard case .scalar(let scalar) = item, !scalar.string.isEmpty else {
                throw wrong("has \(name) that are no list of words")
            }
            texts.append(scalar.string)
        }
        return texts
    }

    private func labels(_ otherwise: Labels?) throws(InvalidValue) -> Labels {
        guard let names = try list("labels") else {
            guard let otherwise else {
                throw wrong("does not say what its provider may see: labels: [untrusted, private], fewer, or []")
            }
            return otherwise
        }
        var labels: Labels = []
        for name in names {
            guard let label = ["untrusted": Labels.untrusted, "private": .private][name] else {
                throw wrong("has a label that is neither untrusted nor private")
            }
            labels.insert(label)
        }
        return labels
    }

    private func flag(_ name: String) throws(InvalidValue) -> Bool {
        switch try text(name) {
        case nil, "true": true
        case "false": false
        default: throw wrong("has \(name) that is neither true nor false")
        }
    }

    private func number(_ name: String) throws(InvalidValue) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text), (1...100_000_000).contains(number) else {
            throw wrong("has \(name) that is no number of tokens")
        }
        return number
    }
}

extension ModelSettings.Target {
    /// As it could stand in the file.
    fileprivate var text: String {
        var parts = [
            "provider: \(provider.rawValue)", "model: \(model)", "labels: [\(labels.names.joined(separator: ", "))]",
        ]
        if let channels { parts.append("channels: [\(channels.map(yamlQuoted).joined(separator: ", "))]") }
        if !url.isEmpty { parts.append("url: \(yamlQuoted(url))") }
        if !keyFile.isEmpty { parts.append("key_file: \(yamlQuoted(keyFile))") }
        if !images { parts.append("images: false") }
        if !tools { parts.append("tools: false") }
        if let contextTokens { parts.append("context_tokens: \(contextTokens)") }
        if let outputTokens { parts.append("output_tokens: \(outputTokens)") }
        if let price { parts.append("price: \(yamlQuoted(price))") }
        return "{\(parts.joined(separator: ", "))}"
    }

    private func yamlQuoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
