/// What a token was granted, held against what the features need.
package struct ScopeReport: Hashable, Sendable {
    package struct Gap: Hashable, Sendable {
        package let feature: SlackFeature
        package let missing: [String]
    }

    /// Features the assistant is of no use without.
    package let required: [Gap]
    package let optional: [Gap]
    /// Granted, and needed by nothing: could be taken away.
    package let unneeded: [String]

    /// `hasFaces`: whether it speaks under other names than the app's.
    package init(granted: Set<String>, hasFaces: Bool = false) {
        let used = SlackFeature.all + (hasFaces ? [SlackFeature.faces] : [])
        let gaps = used.compactMap { feature in
            let missing = feature.scopes.filter { !granted.contains($0) }
            return missing.isEmpty ? nil : Gap(feature: feature, missing: missing)
        }
        required = gaps.filter(\.feature.isRequired)
        optional = gaps.filter { !$0.feature.isRequired }
        unneeded = granted.subtracting(used.flatMap(\.scopes)).sorted()
    }

    package var isComplete: Bool { required.isEmpty && optional.isEmpty }
}
