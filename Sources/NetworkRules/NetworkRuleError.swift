/// Why something is no host, target, address or entry of an allowlist: a sentence that can be shown to whoever wrote it.
package struct NetworkRuleError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
