import MCP
import Testing
import WorkspaceTools

/// Values that the host hands over for one command.
struct CommandSecretsTests {
    private static let value = "a value 'with\" odd\n\u{1F511} things"

    @Test func theCommandHasThemAndNoLaterOne() async throws {
        let workspace = try TemporaryWorkspace()
        let result = try await workspace.call(
            "bash",
            [
                "command": "printf %s \"$KEY\" | sha256sum; export OTHER=1; cd ..; tr '\\0' '\\n' < /proc/$$/cmdline",
                "secret_values": ["KEY": .string(Self.value)],
            ])
        let digest = try await workspace.bash("printf %s \"$1\" x | true; printf '%s' '\(Self.quoted)' | sha256sum")
        #expect(result.text.prefix(64) == digest.prefix(64), "\(result.text)")
        #expect(result.text.contains("exit status 0") && result.text.contains("sandbox of its own"))
        // Neither in its own arguments, nor with any command that follows, the folder it went to included.
        #expect(!result.text.contains("odd"))
        let after = try await workspace.bash("env; pwd")
        #expect(!after.contains("KEY=") && !after.contains("OTHER"), "\(after)")
        #expect(after.contains("\(workspace.thread)\n"), "\(after)")
    }

    private static var quoted: String { value.split(separator: "'").joined(separator: "'\\''") }

    /// What other commands of the session wrote into its home is no configuration of the one that has a secret.
    @Test func itsHomeIsNotTheSessions() async throws {
        let workspace = try TemporaryWorkspace()
        #expect(
            try await workspace.bash("echo planted > ~/.marker-of-a-home; cat ~/.marker-of-a-home").contains("planted"))
        let result = try await workspace.call(
            "bash",
            [
                "command": "printf '<%s>' \"$HOME\"; cat ~/.marker-of-a-home 2>/dev/null || echo nothing",
                "secret_values": ["KEY": .string(Self.value)],
            ])
        #expect(result.text.contains("</tmp>nothing"), "\(result.text)")
    }

    @Test func theToolsTakeNoNamesOfSecrets() async throws {
        // The harness puts values in their place; where it did not, nothing runs.
        let workspace = try TemporaryWorkspace()
        #expect(
            try await workspace.failure("bash", ["command": "touch ran", "secrets": ["KEY": "deploy"]])
                .contains("secrets"))
        #expect(try await workspace.bash("ls").hasPrefix("(no output)"))
    }

    @Test func theAgentKnowsTheNamesArgumentAndNotTheValues() throws {
        let bash = try #require(WorkspaceServer.declarations(root: "/workspace").first { $0.name == "bash" })
        #expect(bash.inputSchema["properties"]?["secrets"] != nil)
        #expect(bash.inputSchema["properties"]?[CommandSecrets.values] == nil)
        #expect(bash.inputSchema["additionalProperties"] == false)
    }

    @Test(arguments: [
        "PATH", "path", "HOME", "LD_PRELOAD", "ld_audit", "BASH_ENV", "ENV", "HTTPS_PROXY", "no_proxy", "A=B", "A B",
        "1A",
        "", "A\u{0}", "É", String(repeating: "A", count: 65),
    ])
    func namesThatMeanSomethingElseOrNothingAreRefused(name: String) {
        #expect(throws: ToolProblem.self) { try CommandSecrets.wanted([name: "secret"]) }
    }

    @Test(arguments: [.string("x"), .array([]), ["A": 1], ["A": ["B": "c"]], ["A": .null]] as [JSONValue])
    func whatIsNoMapOfNamesIsRefused(value: JSONValue) {
        #expect(throws: ToolProblem.self) { try CommandSecrets.wanted(value) }
    }

    @Test func namesComeInOrder() throws {
        #expect(try CommandSecrets.wanted(nil).isEmpty && CommandSecrets.wanted(.null).isEmpty)
        #expect(
            try CommandSecrets.wanted(["B_1": "x", "A": "y"]) == [
                .init(variable: "A", secret: "y"), .init(variable: "B_1", secret: "x"),
            ])
        let many = JSONObject((0...CommandSecrets.maximumCount).map { ("A\($0)", JSONValue.string("x")) })
        #expect(throws: ToolProblem.self) { try CommandSecrets.wanted(.object(many)) }
    }

    @Test func aValueThatFitsNoEnvironmentIsRefusedWithoutBeingShown() async throws {
        let workspace = try TemporaryWorkspace()
        for value in ["hidden\u{0}more", String(repeating: "hidden", count: 20_000)] {
            let text = try await workspace.failure(
                "bash", ["command": "touch ran", "secret_values": ["KEY": .string(value)]])
            #expect(text.contains("KEY") && !text.contains("hidden"), "\(text)")
        }
    }
}
