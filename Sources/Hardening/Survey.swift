internal import BrokerProtocol
internal import Policy
package import Settings

/// A look at the running host: facts to compare with the baseline, and what is wrong whatever the baseline says. Needs
/// root, or most of it cannot be seen.
package struct Survey: Sendable {
    package var facts = HostFacts()
    package var findings: [Drift] = []

    package init() {}

    /// `brokerFile`: the broker's configuration. `program`: the folder of the installed programs.
    package static func take(settings: Settings, brokerFile: String, program: String?) async -> Survey {
        var survey = Survey()
        let broker = InstalledBroker(brokerFile)
        if broker == nil {
            survey.findings.append(
                Drift(
                    .fail, brokerFile, "the broker's configuration cannot be read, so much was not looked at",
                    advice: "Name it with --broker FILE."))
        }
        survey.findings += FileCheck(settings: settings, broker: broker, program: program).run(&survey.facts)
        survey.findings += ProcessCheck(settings: settings, broker: broker).run(&survey.facts)
        survey.findings += owners(broker, &survey.facts)
        survey.findings += await EngineCheck(broker: broker).run(&survey.facts)
        survey.findings += SettingCheck(settings: settings).run(&survey.facts)
        survey.findings += policy(settings, &survey.facts)
        return survey
    }

    private static func owners(_ broker: InstalledBroker?, _ facts: inout HostFacts) -> [Drift] {
        guard let broker, let owners = broker.owners else { return [] }
        facts[.owners, "compartments"] = "\(owners.range.lowerBound)-\(owners.range.upperBound - 1)"
        facts[.owners, "service user"] = broker.serviceUID.map { "\($0):\(broker.serviceGID ?? 0)" } ?? "none"
        let collisions = owners.collisions()
        guard collisions.isEmpty else {
            return collisions.prefix(20).map {
                Drift(
                    .fail, "compartments' uids", "\($0): a sandbox would act as them on this host",
                    expected: "nobody in \(owners.range.lowerBound)-\(owners.range.upperBound - 1)", found: $0,
                    advice:
                        "Give that user another number, or move `owners` in the broker's configuration and chown the "
                        + "volumes.")
            }
        }
        return [Drift(.ok, "compartments' uids", "nobody else has one")]
    }

    private static func policy(_ settings: Settings, _ facts: inout HostFacts) -> [Drift] {
        do {
            // Without a file the standard policy is in force.
            let policy =
                FileFact(settings.policy.file) == nil
                ? try Policy(yaml: Policy.standardText, file: "the standard policy")
                : try Policy.load(settings.policy.file)
            facts[.policy] = PolicyMatrix.answers(policy)
            return []
        } catch {
            return [
                Drift(
                    .fail, settings.policy.file, "is no policy: \(error)",
                    advice: "The daemon goes by the last good one. Mend it: `bulkhead policy check`.")
            ]
        }
    }
}
