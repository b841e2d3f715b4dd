internal import Glibc
internal import Settings

/// `bulkhead config check`, `bulkhead config get` and `bulkhead config reference`.
package enum ConfigReport {
    /// As `bulkhead serve` ends with a configuration that is wrong (`EX_CONFIG`).
    private static let badConfiguration: Int32 = 78

    package static func check(_ file: String?) async -> Int32 {
        await CommandResult.status {
            let path = try DaemonLocation.configuration(file)
            do {
                _ = try Settings.load(path: path)
            } catch {
                TerminalDevice.print(StyledLine.lines(of: "\(error)", .red), to: STDERR_FILENO)
                return badConfiguration
            }
            TerminalDevice.print([StyledLine("✓ ", .green) + StyledLine("\(path) is in order.")], to: STDOUT_FILENO)
            return 0
        }
    }

    /// Prints one setting as it could stand in the file, for scripts.
    package static func get(_ name: String, file: String?) async -> Int32 {
        await CommandResult.status {
            let path = try DaemonLocation.configuration(file)
            let settings: Settings
            do {
                settings = try Settings.load(path: path)
            } catch {
                TerminalDevice.print(StyledLine.lines(of: "\(error)", .red), to: STDERR_FILENO)
                return badConfiguration
            }
            guard let text = settings.text(of: name) else {
                throw TerminalError(.usage, "There is no setting \(name). See: bulkhead config reference")
            }
            TerminalDevice.write(text + "\n", to: STDOUT_FILENO)
            return 0
        }
    }

    package static func reference() async -> Int32 {
        await CommandResult.status {
            TerminalDevice.write(Settings.reference, to: STDOUT_FILENO)
            return 0
        }
    }
}
