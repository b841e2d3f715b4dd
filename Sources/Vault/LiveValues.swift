internal import LeakScan
package import Model

/// Tells the leak scan what to look for: all values kept here, and of other backends those that were read.
package actor LiveValues {
    struct Live: Sendable {
        let name: String
        /// Whose it is; `nil`: a channel's or the company's.
        let owner: PersonID?
        /// `nil`: elsewhere, and not read yet.
        var value: SecretValue?
    }

    private let leaks: LeakGuard
    private var read: [SecretID: SecretValue] = [:]
    private var last: Task<Void, any Error>?
    /// Names of those that do not open.
    private(set) package var broken: [String] = []

    init(leaks: LeakGuard) {
        self.leaks = leaks
    }

    /// One after the other, so that an older list never comes after a newer one.
    func refresh(_ load: @escaping @Sendable () async throws -> ([SecretID: Live], broken: [String])) async throws {
        let before = last
        let mine = Task {
            _ = await before?.result
            let (values, broken) = try await load()
            self.take(values, broken)
        }
        last = mine
        try await mine.value
    }

    /// A value of another backend that is about to be used. Whether it was not known before.
    func note(_ value: SecretValue, of id: SecretID) -> Bool {
        let known = read.updateValue(value, forKey: id)
        return known?.withBytes { old in value.withBytes { $0.elementsEqual(old) } } != true
    }

    /// How long the values of other backends are that were read.
    func bytesElsewhere() -> [SecretID: Int] { read.mapValues(\.count) }

    package nonisolated func exempt(_ id: SecretID, in session: SessionID) {
        leaks.exempt(id.rawValue, in: session)
    }

    private func take(_ values: [SecretID: Live], _ broken: [String]) {
        read = read.filter { values[$0.key] != nil }
        self.broken = broken
        leaks.replace(
            with: values.compactMap { id, live in
                guard let value = live.value ?? read[id] else { return nil }
                return LeakSecret(
                    id: id.rawValue, name: live.name, value: value.withBytes { Array($0) }, owner: live.owner)
            })
    }
}
