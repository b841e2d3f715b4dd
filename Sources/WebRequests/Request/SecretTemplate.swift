internal import Vault

/// A text with `{{secret:NAME}}` where a value is to stand.
struct SecretTemplate: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case text(String)
        case secret(SecretName)
    }

    let parts: [Part]

    var secrets: [SecretName] {
        parts.compactMap { if case .secret(let name) = $0 { name } else { nil } }
    }

    /// Throws for a mark that is not whole, or names what cannot be a secret: what looks like one is never sent as it is.
    init(reading text: String) throws(WebRequestError) {
        var parts: [Part] = []
        var rest = text[...]
        while let start = rest.firstRange(of: Self.beginning) {
            if start.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<start.lowerBound]))) }
            guard let end = rest[start.upperBound...].firstRange(of: "}}"),
                let name = SecretName(String(rest[start.upperBound..<end.lowerBound]))
            else {
                throw WebRequestError(
                    "There is a \(Self.beginning) without a name and }} after it. Write {{secret:NAME}}; a name has "
                        + "\(SecretName.rule).")
            }
            parts.append(.secret(name))
            rest = rest[end.upperBound...]
        }
        if !rest.isEmpty || parts.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    static let beginning = "{{secret:"

    /// The text, each secret in the form its place takes. `value` is asked once for each mark.
    func filled(
        _ written: (String) -> String = { $0 }, _ value: (SecretName) throws -> String
    ) rethrows -> String {
        try parts.reduce(into: "") { result, part in
            switch part {
            case .text(let text): result += text
            case .secret(let name): result += written(try value(name))
            }
        }
    }
}
