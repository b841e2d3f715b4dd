internal import Glibc
internal import Markdown

/// `bulkhead login-link`.
package enum LoginLink {
    /// `person` nil: the caller.
    package static func run(at location: DaemonLocation, person: String?) async -> Int32 {
        await CommandResult.status {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                var name = person
                if name == nil { name = try await client.account().name }
                let link = try await client.loginLink(for: name ?? "")
                TerminalDevice.write(VisibleText.line(link) + "\n", to: STDOUT_FILENO)
                return 0
            }
        }
    }
}
