/// What a reload did: names of settings whose new values hold now, and of those that wait for a restart.
package struct SettingsReload: Sendable, Equatable {
    package let applied: [String]
    package let needsRestart: [String]
}

extension Settings {
    /// Reads the file again. What can be reloaded is taken over; the rest keeps its value and is named. Where the file
    /// has a problem nothing changes.
    package mutating func reload() throws(SettingsError) -> SettingsReload {
        reload(from: try Settings.load(path: file))
    }

    package mutating func reload(from new: Settings) -> SettingsReload {
        var applied: [String] = []
        var needsRestart: [String] = []
        for key in Settings.keys where !key.isEqual(self, new) {
            if key.isReloadable {
                key.copy(new, &self)
                applied.append(key.name)
            } else {
                needsRestart.append(key.name)
            }
        }
        return SettingsReload(applied: applied, needsRestart: needsRestart)
    }
}
