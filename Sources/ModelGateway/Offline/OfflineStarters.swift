/// Something to begin with that a person can click. The texts make sense to a real model too.
package struct Starter: Hashable, Sendable {
    package var title: String
    package var text: String
}

/// The offline model knows these by their exact text or title, and answers them with fixed scripts on the sample files.
package enum OfflineStarters {
    package static let all: [Starter] = OfflineSkill.allCases.map(\.starter)
}
