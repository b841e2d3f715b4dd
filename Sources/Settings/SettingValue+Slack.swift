internal import Yams

extension SettingValue where Value == [String: String] {
    /// Programs of Slack's, and whom they speak for.
    static var slackBots: SettingValue {
        SettingValue(
            type: "users by Slack account",
            allowed: "Slack's ids of programs' accounts with an operating-system user each: {U012ABC: ada}",
            read: { node throws(InvalidValue) in
                guard case .mapping(let mapping) = node else { throw InvalidValue(reason: "is not a mapping") }
                var bots: [String: String] = [:]
                for (key, value) in mapping {
                    guard case .scalar(let id) = key, isSlackID(id.string) else {
                        throw InvalidValue(reason: "has a key that is no id of Slack's")
                    }
                    guard case .scalar(let user) = value, isUserName(user.string) else {
                        throw InvalidValue(reason: "has no user name for \(id.string)")
                    }
                    bots[id.string] = user.string
                }
                return bots
            },
            show: { bots in
                "{" + bots.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
            })
    }
}

extension SettingValue where Value == [String] {
    /// Names and other short phrases.
    static var phrases: SettingValue {
        SettingValue(
            type: "list of phrases", allowed: "a list of at most 20 phrases of 1 to 60 characters: [Bulkhead]",
            read: { node throws(InvalidValue) in
                guard case .sequence(let sequence) = node else { throw InvalidValue(reason: "is not a list") }
                var phrases: [String] = []
                for item in sequence {
                    guard case .scalar(let scalar) = item, isPhrase(scalar.string) else {
                        throw InvalidValue(reason: "has an item that is no phrase")
                    }
                    phrases.append(scalar.string)
                }
                guard phrases.count <= 20 else { throw InvalidValue(reason: "has over 20 phrases") }
                return phrases
            }, show: { "[\($0.joined(separator: ", "))]" })
    }
}

extension SettingValue where Value == [String: SlackSettings.Channel] {
    static var slackChannels: SettingValue {
        SettingValue(
            type: "rules by channel",
            allowed: "channels with their rules: {support: [follow_ups=always, keyword=invoice]}",
            read: { node throws(InvalidValue) in
                guard case .mapping(let mapping) = node else { throw InvalidValue(reason: "is not a mapping") }
                var channels: [String: SlackSettings.Channel] = [:]
                for (key, value) in mapping {
                    guard case .scalar(let name) = key, isPhrase(name.string) else {
                        throw InvalidValue(reason: "has a key that is no channel")
                    }
                    guard case .sequence(let rules) = value else {
                        throw InvalidValue(reason: "has no list of rules for \(quoted(name.string))")
                    }
                    var channel = SlackSettings.Channel()
                    for item in rules {
                        guard case .scalar(let rule) = item, channel.take(rule.string) else {
                            throw InvalidValue(reason: "has an item for \(quoted(name.string)) that is no rule")
                        }
                    }
                    channels[name.string] = channel
                }
                return channels
            },
            show: { channels in
                let rows = channels.sorted { $0.key < $1.key }.map { name, channel in
                    let rules =
                        (channel.followUps.map { ["follow_ups=\($0.rawValue)"] } ?? [])
                        + channel.keywords.map { "keyword=\($0)" } + (channel.face.map { ["face=\($0)"] } ?? [])
                    return "\(name): [\(rules.joined(separator: ", "))]"
                }
                return "{\(rows.joined(separator: ", "))}"
            })
    }
}

extension SettingValue where Value == [String: SlackSettings.Face] {
    static var slackFaces: SettingValue {
        SettingValue(
            type: "faces by key",
            allowed:
                "names with pictures: {sales: [name=Sally, \"icon=:owl:\", persona=true]}; an icon is an emoji or an https address",
            read: { node throws(InvalidValue) in
                guard case .mapping(let mapping) = node else { throw InvalidValue(reason: "is not a mapping") }
                var faces: [String: SlackSettings.Face] = [:]
                for (key, value) in mapping {
                    guard case .scalar(let name) = key, isPhrase(name.string) else {
                        throw InvalidValue(reason: "has a key that is no phrase")
                    }
                    guard case .sequence(let parts) = value else {
                        throw InvalidValue(reason: "has no list for \(quoted(name.string))")
                    }
                    var face = SlackSettings.Face()
                    for item in parts {
                        guard case .scalar(let part) = item, face.take(part.string) else {
                            throw InvalidValue(
                                reason: "has an item for \(quoted(name.string)) that is none of name, icon, persona")
                        }
                    }
                    guard !face.name.isEmpty else {
                        throw InvalidValue(reason: "has no name for \(quoted(name.string))")
                    }
                    faces[name.string] = face
                }
                return faces
            },
            show: { faces in
                let rows = faces.sorted { $0.key < $1.key }.map { key, face in
                    let parts =
                        ["name=\(face.name)"] + (face.icon.isEmpty ? [] : ["\"icon=\(face.icon)\""])
                        + (face.isPersona ? ["persona=true"] : [])
                    return "\(key): [\(parts.joined(separator: ", "))]"
                }
                return "{\(rows.joined(separator: ", "))}"
            })
    }
}

extension SlackSettings.Face {
    /// False for what is no part of one.
    fileprivate mutating func take(_ part: String) -> Bool {
        let parts = part.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return false }
        switch parts[0] {
        case "name" where isPhrase(parts[1]): name = parts[1]
        case "icon":
            let isEmoji = parts[1].count > 2 && parts[1].hasPrefix(":") && parts[1].hasSuffix(":")
            let isAddress = parts[1].hasPrefix("https://") && parts[1].utf8.count <= 500
            guard isEmoji || isAddress, !parts[1].contains(where: \.isWhitespace) else { return false }
            icon = parts[1]
        case "persona" where ["true", "false"].contains(parts[1]): isPersona = parts[1] == "true"
        default: return false
        }
        return true
    }
}

extension SlackSettings.Channel {
    /// False for what is no rule.
    fileprivate mutating func take(_ rule: String) -> Bool {
        let parts = rule.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return false }
        switch parts[0] {
        case "follow_ups":
            guard let followUps = SlackSettings.FollowUps(rawValue: parts[1]) else { return false }
            self.followUps = followUps
        case "keyword":
            guard isPhrase(parts[1]), keywords.count < 20 else { return false }
            keywords.append(parts[1])
        case "face":
            guard isPhrase(parts[1]) else { return false }
            face = parts[1]
        default: return false
        }
        return true
    }
}

private func isPhrase(_ text: String) -> Bool {
    (1...60).contains(text.count) && text.contains { $0.isLetter || $0.isNumber }
        && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
}

private func isSlackID(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) }
}
