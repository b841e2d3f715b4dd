/// A folder and all below it, compared by bytes alone: links are not followed here, and the tool servers do not follow
/// them out of the workspace.
package struct PathScope: Hashable, Sendable {
    private typealias Component = [UInt8]

    private let components: [[UInt8]]

    /// `nil` where the path is not absolute, or not written plainly.
    package init?(_ path: String) {
        guard path.utf8.first == Self.slash, let components = Self.read(path) else { return nil }
        self.components = components
    }

    /// Whether `path` lies inside; relative ones start where tools do, in the conversation's folder. `nil` where bytes
    /// alone do not tell: `..` (the name before it may be a link), a NUL character, a leading `~`, nothing at all.
    /// Nor where it is a folder around this one: a tool that goes down from there reaches in.
    package func contains(_ path: String) -> Bool? {
        guard let path = Self.read(path) else { return nil }
        if path.starts(with: components) { return true }
        return components.starts(with: path) ? nil : false
    }

    private static let slash = UInt8(ascii: "/")
    private static let home = ["workspace", "thread"].map { Array($0.utf8) }

    private static func read(_ path: String) -> [Component]? {
        let bytes = Array(path.utf8)
        guard (1...4096).contains(bytes.count), !bytes.contains(0), bytes[0] != UInt8(ascii: "~") else { return nil }
        var components = bytes[0] == slash ? [] : home
        for part in bytes.split(separator: slash) where part != [UInt8(ascii: ".")] {
            guard part != [UInt8(ascii: "."), UInt8(ascii: ".")] else { return nil }
            components.append(Array(part))
        }
        return components
    }
}
