internal import Settings

/// The settings as they are, and those among them that make a wall thinner.
struct SettingCheck {
    let settings: Settings

    func run(_ facts: inout HostFacts) -> [Drift] {
        for name in Settings.names { facts[.setting, name] = settings.text(of: name) }
        var found: [Drift] = []
        if settings.broker.inProcess {
            found.append(
                Drift(
                    .warn, "broker.in_process", "the daemon runs as root and makes containers itself",
                    expected: "false",
                    found: "true", advice: "Run `bulkhead-broker`, and set it to false."))
        }
        if settings.people.others == .member {
            found.append(
                Drift(
                    .warn, "people.others", "every user of this machine may chat", expected: "refuse", found: "member",
                    advice: "List who may under people.members, and set it to refuse."))
        }
        if settings.audit.syslog.isEmpty, settings.audit.httpsURL.isEmpty {
            found.append(
                Drift(
                    .warn, "audit sinks",
                    "signed ends of the audit stay on this machine: root here could write it anew",
                    expected: "audit.syslog or audit.https_url", found: "none",
                    advice: "Send them elsewhere too (docs/operations.md)."))
        }
        if settings.model.anthropicURL.hasPrefix("http://") {
            found.append(
                Drift(
                    .warn, "model.anthropic_url", "conversations and the key go over the network in the clear",
                    expected: "https://", found: settings.model.anthropicURL, advice: "Use https://."))
        }
        return found
    }
}
