/// What an agent gets instead of a model name. The harness decides the tier; nothing in a request can.
package struct ModelTier: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let fast = ModelTier(rawValue: "fast")
    package static let balanced = ModelTier(rawValue: "balanced")
    package static let best = ModelTier(rawValue: "best")
}
