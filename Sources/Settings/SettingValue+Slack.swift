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
                        + channel.keywords.map { "keyword=\($0)" }
                    return "\(name): [\(rules.joined(separator: ", "))]"
                }
                return "{\(rows.joined(separator: ", "))}"
            })
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
