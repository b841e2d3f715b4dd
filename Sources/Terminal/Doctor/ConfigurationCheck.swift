internal import Settings

enum ConfigurationCheck {
    /// The settings where they can be read; the other checks go on with the defaults otherwise.
    static func run(_ config: String?) -> (Settings?, Finding) {
        let path: String
        do {
            path = try DaemonLocation.configuration(config)
        } catch {
            return (nil, Finding(.warn, "configuration", "none found; checking the defaults", advice: error.message))
        }
        do {
            return (try Settings.load(path: path), Finding(.ok, "configuration", path))
        } catch {
            let problems = error.description.split(separator: "\n")
            let more = problems.count > 1 ? " (and \(problems.count - 1) more; `bulkhead config check` lists them)" : ""
            return (
                nil,
                Finding(
                    .fail, "configuration", (problems.first.map(String.init) ?? path) + more,
                    advice: "Mend it; `bulkhead config reference` lists every setting.")
            )
        }
    }
}
