/// When the daemon speaks up about itself.
package struct AlertSettings: Sendable, Equatable {
    package internal(set) var heartbeatURL = ""
    package internal(set) var waiting = Duration.seconds(15 * 60)
    package internal(set) var freeBytes = 2 << 30
    package internal(set) var cooldown = Duration.seconds(6 * 3600)
}

extension Settings {
    static let alertKeys: [SettingKey] = [
        SettingKey(
            "alerts.heartbeat_url", \.alerts.heartbeatURL,
            .text("URL", allowed: "nothing, or http:// or https:// and a host") { text in
                text.isEmpty
                    || (text.hasPrefix("https://") || text.hasPrefix("http://"))
                        && !text.contains(where: \.isWhitespace)
            }, reloadable: true,
            "An address that is asked for (GET) every minute while the daemon can do its work, so that a monitor outside"
                + " notices when it cannot."),
        SettingKey(
            "alerts.waiting", \.alerts.waiting, .duration(.seconds(60)...(.seconds(86_400))), reloadable: true,
            "How long a message, a delivery or a task's run may wait, or the scheduler stand still, before the owner and"
                + " admins are told."),
        SettingKey(
            "alerts.free_space", \.alerts.freeBytes, .size(0...(1 << 40)), reloadable: true,
            "They are told when less is free where the data is."),
        SettingKey(
            "alerts.cooldown", \.alerts.cooldown, .duration(.seconds(60)...(.seconds(7 * 86_400))), reloadable: true,
            "An alert that lasts is told again after so long."),
    ]
}
