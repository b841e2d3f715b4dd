internal import Glibc
internal import MCP

extension AuditReport {
    package static func erase(at location: DaemonLocation, row: Int64, reason: String, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                try await client.eraseAudit(row: row, reason: reason)
                if json {
                    CommandResult.printJSON(["erased": .int(row)])
                } else {
                    TerminalDevice.print(
                        [
                            StyledLine("✓ ", .green)
                                + StyledLine("The details of row \(row) are gone; that they were erased is on record.")
                        ], to: STDOUT_FILENO)
                }
                return 0
            }
        }
    }

    /// With the value on standard input.
    package static func match(at location: DaemonLocation, row: Int64, pointer: String, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            let value = try StandardInput.all()
            return try await APIClient.with(socketPath: location.consoleSocket) { client in
                let answer = try await client.matchAudit(row: row, pointer: pointer, value: value)
                let isMatch = answer["match"]?.boolValue == true
                if json {
                    CommandResult.printJSON(answer)
                } else {
                    let place = "at \(pointer) in row \(row)"
                    TerminalDevice.print(
                        [
                            isMatch
                                ? StyledLine("✓ ", .green) + StyledLine("This value stood \(place).")
                                : StyledLine("✗ ", .red) + StyledLine("Another value stood \(place).")
                        ], to: STDOUT_FILENO)
                }
                return isMatch ? 0 : 1
            }
        }
    }
}
