internal import Glibc
package import MCP
internal import Markdown

/// How a command ends: errors become a sentence on standard error and an exit status, here and nowhere else.
package enum CommandResult {
    package static func status(json: Bool = false, _ body: () async throws -> Int32) async -> Int32 {
        // A reader of our output that goes away (head, less) ends the write, not the program with a signal.
        signal(SIGPIPE, SIG_IGN)
        do {
            return try await body()
        } catch {
            let error = (error as? TerminalError) ?? TerminalError(.cancelled, "Interrupted.")
            if json {
                printJSON(
                    .object(["error": .object(["code": .string(error.code.name), "message": .string(error.message)])]))
            }
            TerminalDevice.print(
                StyledLine.lines(of: "bulkhead: " + error.message), to: STDERR_FILENO)
            return error.exitStatus
        }
    }

    /// What most commands are: ask the daemon, then print its answer as JSON or as lines for a person.
    package static func report(
        at location: DaemonLocation, json: Bool, pretty: Bool = false, status: (JSONValue) -> Int32 = { _ in 0 },
        _ ask: @escaping @Sendable (APIClient) async throws -> JSONValue,
        lines: (JSONValue, _ width: Int?) -> [StyledLine]
    ) async -> Int32 {
        await Self.status(json: json) {
            let answer = try await APIClient.with(socketPath: location.consoleSocket) { try await ask($0) }
            if json {
                printJSON(answer, pretty: pretty)
            } else {
                TerminalDevice.print(lines(answer, TerminalDevice.width(of: STDOUT_FILENO)), to: STDOUT_FILENO)
            }
            return status(answer)
        }
    }

    /// `✓ Paused: everything.`
    static func done(_ text: String) -> StyledLine { StyledLine("✓ ", .green) + StyledLine(text) }

    /// One JSON value and a line feed. What a terminal could obey or hide stands as `\u` escapes, which is the same JSON.
    package static func printJSON(_ value: JSONValue, pretty: Bool = false) {
        TerminalDevice.write(harmless(pretty ? value.prettyText : value.text) + "\n", to: STDOUT_FILENO)
    }

    package static func harmless(_ json: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in json.unicodeScalars {
            if scalar.value < 0x7F || VisibleText.isHarmless(scalar) || (0xFE00...0xFE0F).contains(scalar.value) {
                result.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    result.append(
                        contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).unicodeScalars)
                }
            }
        }
        return String(result)
    }
}
