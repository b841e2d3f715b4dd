internal import Glibc
package import Settings

/// Where the running daemon's sockets are: from `--socket`, `--config`, the environment, or the nearest
/// `.bulkhead/bulkhead.yaml` from the working directory upwards.
package struct DaemonLocation: Sendable {
    package let consoleSocket: String
    package let mcpSocket: String
    /// The configuration this was read from; `nil` where only a socket was named.
    package let settings: Settings?

    package static let configurationName = ".bulkhead/bulkhead.yaml"

    package static func find(
        config: String?, socket: String?, environment: (String) -> String? = TerminalDevice.environment,
        workingDirectory: String = currentDirectory()
    ) throws(TerminalError) -> DaemonLocation {
        if let socket = socket ?? (config == nil ? nonEmpty(environment("BULKHEAD_SOCKET")) : nil) {
            let directory = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "."
            return DaemonLocation(consoleSocket: socket, mcpSocket: directory + "/mcp.sock", settings: nil)
        }
        let path = try configuration(config, environment: environment, workingDirectory: workingDirectory)
        do {
            let settings = try Settings.load(path: path)
            return DaemonLocation(
                consoleSocket: settings.consoleSocket, mcpSocket: settings.mcpSocket, settings: settings)
        } catch {
            throw TerminalError(.usage, "\(error)")
        }
    }

    /// The path of the configuration file, whether or not it can be read.
    package static func configuration(
        _ config: String?, environment: (String) -> String? = TerminalDevice.environment,
        workingDirectory: String = currentDirectory()
    ) throws(TerminalError) -> String {
        if let config { return config }
        if let named = nonEmpty(environment("BULKHEAD_CONFIG")) { return named }
        var directory = workingDirectory
        while true {
            let path = (directory == "/" ? "" : directory) + "/" + configurationName
            if access(path, F_OK) == 0 { return path }
            guard directory != "/", let slash = directory.lastIndex(of: "/") else { break }
            directory = slash == directory.startIndex ? "/" : String(directory[..<slash])
        }
        throw TerminalError(
            .usage,
            "No configuration found: there is no \(configurationName) here or above. Name one with --config FILE "
                + "or BULKHEAD_CONFIG, or start with `make run`.")
    }

    package static func currentDirectory() -> String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    private static func nonEmpty(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
