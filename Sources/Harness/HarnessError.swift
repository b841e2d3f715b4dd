/// Why the harness refuses to be set up as asked. Calls never throw: their failures are results.
package struct HarnessError: Error, Sendable, CustomStringConvertible {
    package struct Code: Hashable, Sendable {
        package let name: String

        package static let duplicateTool = Code(name: "duplicate_tool")
        package static let invalidTool = Code(name: "invalid_tool")
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
