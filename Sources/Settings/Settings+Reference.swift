extension Settings {
    /// The text of `docs/configuration.md`.
    package static var reference: String {
        var lines = [
            "# Configuration",
            "",
            "One YAML file, read at start: `bulkhead serve --config FILE`. `make run` writes one to `.bulkhead/bulkhead.yaml`.",
            "A key that is not named here, or a value that is not allowed, stops the start with file, line and what is allowed.",
            "`SIGHUP` reads the file again: what is marked *reload* holds at once, for the rest the log names what needs a",
            "restart; a broken file changes nothing.",
            "",
            "Durations are a number and `ms`, `s`, `m`, `h` or `d`; sizes a number and `B`, `KiB`, `MiB` or `GiB`. Relative paths",
            "start at the directory of the file.",
            "",
            "This page is generated from the table in `Sources/Settings/Settings+Keys.swift` by `make reference`.",
        ]
        var section = ""
        for key in keys {
            let name = String(key.name.prefix { $0 != "." })
            if name != section {
                section = name
                lines += [
                    "", "## \(name)", "",
                    "| key | default | allowed | at SIGHUP | meaning |",
                    "| --- | --- | --- | --- | --- |",
                ]
            }
            lines.append(
                "| `\(key.name)` | `\(key.defaultText)` | \(key.type): \(key.allowed) | "
                    + "\(key.isReloadable ? "reload" : "restart") | \(key.documentation) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
