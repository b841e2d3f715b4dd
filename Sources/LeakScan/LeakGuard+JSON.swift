package import MCP

extension LeakGuard {
    /// The value with a note in place of each secret in its strings and names. The same value where none is.
    package func screened(_ value: JSONValue, in subject: LeakSubject) -> Screened<JSONValue> {
        var texts: [String] = []
        Self.collect(value, &texts)
        let result = screened(texts, in: subject)
        guard !result.findings.isEmpty else { return Screened(value) }
        var rest = result.value[...]
        return Screened(Self.rebuilt(value, &rest), findings: result.findings)
    }

    package func screened(_ object: JSONObject, in subject: LeakSubject) -> Screened<JSONObject> {
        let result = screened(JSONValue.object(object), in: subject)
        return Screened(result.value.objectValue ?? object, findings: result.findings)
    }

    /// As `screened`, but for an object whose own names are given by us and not by whoever fills it: these stay as they are,
    /// or a secret that is called like one would hide what stands under it. Names further down are looked at.
    package func screenedValues(of object: JSONObject, in subject: LeakSubject) -> Screened<JSONObject> {
        let result = screened(JSONValue.array(object.map(\.value)), in: subject)
        guard !result.findings.isEmpty, let values = result.value.arrayValue else { return Screened(object) }
        return Screened(JSONObject(zip(object.map(\.key), values).map { ($0, $1) }), findings: result.findings)
    }

    private static func collect(_ value: JSONValue, _ texts: inout [String]) {
        switch value {
        case .string(let text): texts.append(text)
        case .array(let items): for item in items { collect(item, &texts) }
        case .object(let object):
            for (key, value) in object {
                texts.append(key)
                collect(value, &texts)
            }
        default: break
        }
    }

    /// In the order of `collect`.
    private static func rebuilt(_ value: JSONValue, _ texts: inout ArraySlice<String>) -> JSONValue {
        switch value {
        case .string(let text): .string(texts.popFirst() ?? text)
        case .array(let items): .array(items.map { rebuilt($0, &texts) })
        case .object(let object):
            .object(
                JSONObject(
                    object.map { key, value in
                        let name = texts.popFirst() ?? key
                        return (name, rebuilt(value, &texts))
                    }))
        default: value
        }
    }
}
