internal import Yams

/// How values of one type are read from YAML, shown in the reference, and described to the person who got one wrong.
struct SettingValue<Value: Equatable & Sendable>: Sendable {
    /// `integer`, `duration`, …: the type column of the reference.
    let type: String
    /// What is allowed, as the end of the sentence "allowed: …".
    let allowed: String
    let read: @Sendable (Node) throws(InvalidValue) -> Value
    let show: @Sendable (Value) -> String

    /// Values written as one scalar; `parse` answers `nil` for what is not allowed.
    static func scalar(
        _ type: String, allowed: String, show: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (String) -> Value?
    ) -> SettingValue {
        SettingValue(
            type: type, allowed: allowed,
            read: { node throws(InvalidValue) in
                guard case .scalar(let scalar) = node else { throw InvalidValue(reason: "is not a single value") }
                guard let value = parse(scalar.string) else {
                    throw InvalidValue(reason: "cannot be \(quoted(scalar.string))")
                }
                return value
            }, show: show)
    }
}

extension SettingValue where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> SettingValue {
        scalar("integer", allowed: "\(range.lowerBound) to \(range.upperBound)", show: { String($0) }) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number of bytes: `512MiB`.
    static func size(_ range: ClosedRange<Int>) -> SettingValue {
        let allowed = "\(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))"
        return scalar("size", allowed: allowed, show: ByteSize.text) { text in
            ByteSize.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingValue where Value == Bool {
    static var boolean: SettingValue {
        scalar("boolean", allowed: "true or false", show: { $0 ? "true" : "false" }) { text in
            switch text {
            case "true": true
            case "false": false
            default: nil
            }
        }
    }
}

extension SettingValue where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> SettingValue {
        scalar("number", allowed: "\(range.lowerBound) to \(range.upperBound)", show: { "\($0)" }) { text in
            Double(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingValue where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> SettingValue {
        let allowed = "\(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        return scalar("duration", allowed: allowed, show: DurationText.text) { text in
            DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingValue where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    static var choice: SettingValue {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return scalar("choice", allowed: "one of \(names)", show: { $0.rawValue }) { Value(rawValue: $0) }
    }
}

extension SettingValue where Value == String {
    static func text(_ type: String, allowed: String, where isAllowed: @escaping @Sendable (String) -> Bool)
        -> SettingValue
    {
        scalar(type, allowed: allowed, show: { $0 }) { isAllowed($0) ? $0 : nil }
    }

    static var path: SettingValue {
        text("path", allowed: "a path, absolute or relative to the configuration file") { text in
            !text.isEmpty && !text.utf8.contains(0)
        }
    }

    static var optionalPath: SettingValue {
        text("path", allowed: "nothing, or a path, absolute or relative to the configuration file") {
            !$0.utf8.contains(0)
        }
    }

    /// A Unix socket's address holds 107 bytes of path; the longest name the daemon adds has 20.
    static var shortAbsolutePath: SettingValue {
        text("path", allowed: "an absolute path of at most 80 bytes (it holds sockets)") { text in
            text.hasPrefix("/") && text.utf8.count <= 80 && !text.utf8.contains(0)
        }
    }

    static var user: SettingValue {
        text("user", allowed: "the name of an operating-system user: letters, digits, '.', '_', '-'") { isUserName($0) }
    }
}

extension SettingValue where Value == [String] {
    static var users: SettingValue {
        SettingValue(
            type: "list of users", allowed: "a list of operating-system user names: [ada, grace]",
            read: { node throws(InvalidValue) in
                guard case .sequence(let sequence) = node else { throw InvalidValue(reason: "is not a list") }
                var names: [String] = []
                for item in sequence {
                    guard case .scalar(let scalar) = item, isUserName(scalar.string) else {
                        throw InvalidValue(reason: "has an item that is no user name")
                    }
                    names.append(scalar.string)
                }
                return names
            }, show: { "[\($0.joined(separator: ", "))]" })
    }
}

extension SettingValue where Value == [String: [String]] {
    static var addresses: SettingValue {
        SettingValue(
            type: "addresses by user", allowed: "users with their addresses: {ada: [ada@example.com]}",
            read: { node throws(InvalidValue) in
                guard case .mapping(let mapping) = node else { throw InvalidValue(reason: "is not a mapping") }
                var owners: [String: String] = [:]
                var addresses: [String: [String]] = [:]
                for (key, value) in mapping {
                    guard case .scalar(let user) = key, isUserName(user.string) else {
                        throw InvalidValue(reason: "has a key that is no user name")
                    }
                    guard case .sequence(let list) = value else {
                        throw InvalidValue(reason: "has no list of addresses for \(user.string)")
                    }
                    for item in list {
                        guard case .scalar(let text) = item, let address = MailAddress.normal(text.string) else {
                            throw InvalidValue(reason: "has an item for \(user.string) that is no plain address")
                        }
                        guard owners.updateValue(user.string, forKey: address) == nil else {
                            throw InvalidValue(reason: "has \(quoted(address)) twice")
                        }
                        addresses[user.string, default: []].append(address)
                    }
                }
                return addresses
            },
            show: { value in
                let users = value.sorted { $0.key < $1.key }
                return "{" + users.map { "\($0.key): [\($0.value.joined(separator: ", "))]" }.joined(separator: ", ")
                    + "}"
            })
    }
}

/// Addresses as they are compared: one part, one `@`, one domain, in lower case. Quoted parts, comments and letters
/// outside of ASCII, in which two addresses can look the same, are not taken.
package enum MailAddress {
    package static func normal(_ text: String) -> String? {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy(isPlain),
            parts[1].contains("."), parts[1].utf8.allSatisfy({ isPlain($0) && $0 != UInt8(ascii: "+") }),
            !parts[1].split(separator: ".", omittingEmptySubsequences: false).contains("")
        else { return nil }
        return text.lowercased()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }
}

extension SettingValue where Value == [String] {
    /// Programs in `hooks.directory`, as the broker takes their names.
    static var hooks: SettingValue {
        SettingValue(
            type: "list of hooks",
            allowed: "a list of at most 16 names of a-z, 0-9, '.', '_' and '-', each once: [secret-scan]",
            read: { node throws(InvalidValue) in
                guard case .sequence(let sequence) = node else { throw InvalidValue(reason: "is not a list") }
                var names: [String] = []
                for item in sequence {
                    guard case .scalar(let scalar) = item, isHookName(scalar.string), !names.contains(scalar.string)
                    else { throw InvalidValue(reason: "has an item that is no name of a hook, or stands there twice") }
                    names.append(scalar.string)
                }
                guard names.count <= 16 else { throw InvalidValue(reason: "has over 16 names") }
                return names
            }, show: { "[\($0.joined(separator: ", "))]" })
    }
}

private func isHookName(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count), let first = text.utf8.first else { return false }
    func isPlain(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
    return isPlain(first) && text.utf8.allSatisfy { isPlain($0) || [45, 46, 95].contains($0) }
}

func isUserName(_ text: String) -> Bool {
    guard (1...32).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasPrefix(".") else { return false }
    return text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// Text from a file as it can be shown on a terminal: cut, and without control characters.
func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(60).map { scalar in
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            ? "\u{FFFD}" : String(scalar)
    }
    return "'\(shown.joined())\(text.unicodeScalars.count > 60 ? "…" : "")'"
}
