internal import MCP

/// A tool as a request offers it. Argument names are looked up in its schema, so that the same command drives tools that
/// name things differently.
struct OfflineTool: Sendable {
    let name: String
    private let properties: Set<String>

    init?(_ json: JSONValue) {
        guard let name = json["name"]?.stringValue, !name.isEmpty else { return nil }
        self.name = name
        properties = Set(json["input_schema"]?["properties"]?.objectValue?.keys ?? [])
    }

    /// The first of `candidates` that the tool has, or the first of all where its schema tells nothing.
    func argument(_ candidates: [String]) -> String {
        candidates.first { properties.contains($0) } ?? candidates.first ?? ""
    }

    func has(_ argument: String) -> Bool { properties.contains(argument) }
}

extension [OfflineTool] {
    /// The tool with one of these names, plain or behind a server's prefix (`mcp__bulkhead__bash`).
    func find(_ names: String...) -> OfflineTool? {
        for name in names {
            if let tool = first(where: { $0.name == name }) ?? first(where: { $0.name.hasSuffix("__" + name) }) {
                return tool
            }
        }
        return nil
    }
}
