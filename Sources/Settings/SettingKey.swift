internal import Yams

/// One row of the table of settings: parsing, reloading and the reference all come from it.
struct SettingKey: Sendable {
    let name: String
    /// As it stands in code: `console.port`, `session.idleEnd`.
    let property: String
    let type: String
    let allowed: String
    let defaultText: String
    /// SIGHUP applies a new value; else it needs a restart.
    let isReloadable: Bool
    let documentation: String
    let read: @Sendable (Node, inout Settings) throws(InvalidValue) -> Void
    let isEqual: @Sendable (Settings, Settings) -> Bool
    /// The value as it could stand in the file.
    let text: @Sendable (Settings) -> String
    /// Copies this key's value from the first to the second.
    let copy: @Sendable (Settings, inout Settings) -> Void

    init<Value: Equatable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Settings, Value> & Sendable, _ value: SettingValue<Value>,
        reloadable: Bool = false, _ documentation: String
    ) {
        self.name = name
        property = String("\(path)".drop { $0 != "." }.dropFirst())
        type = value.type
        allowed = value.allowed
        defaultText = value.show(Settings()[keyPath: path])
        isReloadable = reloadable
        self.documentation = documentation
        read = { node, settings throws(InvalidValue) in settings[keyPath: path] = try value.read(node) }
        isEqual = { $0[keyPath: path] == $1[keyPath: path] }
        text = { value.show($0[keyPath: path]) }
        copy = { $1[keyPath: path] = $0[keyPath: path] }
    }

    /// The key with the fewest edits to `name`, where it is near enough to be what was meant.
    static func nearest(to name: String, among names: some Sequence<String>) -> String? {
        let candidates = names.map { (name: $0, distance: editDistance(name, $0)) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, name.count / 3) ? best.name : nil
    }

    private static func editDistance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().utf8.prefix(100))
        let right = Array(right.lowercased().utf8.prefix(100))
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let substituted = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
