internal import LeakScan
internal import Model
internal import Policy
internal import Store

extension ApprovalDesk {
    func question(_ id: ApprovalID, for person: PersonID) async throws -> ApprovalView? {
        guard let viewer = try await database.person(person), viewer.isActive,
            let record = try await database.approval(id)
        else { return nil }
        return try await view(of: record, for: person)
    }

    func circle(of id: ApprovalID, among people: [PersonID]) async throws -> QuestionCircle? {
        guard let record = try await database.approval(id) else { return nil }
        let approvers = Approvers(rawValue: record.approvers) ?? .admins
        var deciders: [PersonID] = []
        for person in people where try await place(of: person, in: record)?.2.isGiven == true {
            deciders.append(person)
        }
        let whole = Self.view(of: record)
        let forAll = try await viewForAll(of: record)
        return QuestionCircle(
            forAll: forAll,
            isShortened: forAll.map { $0.arguments != whole.arguments || $0.details != whole.details } ?? true,
            isAnybodys: approvers == .secondPerson, deciders: deciders, approvers: approvers.inWords)
    }

    /// What whoever only looks on sees of it; `nil` where the session's work is one person's alone.
    private func viewForAll(of record: ApprovalRecord) async throws -> ApprovalView? {
        guard !record.labels.contains(.private), try await database.soleReader(of: record.session) == nil else {
            return nil
        }
        return try screened(Self.view(of: record), of: record, isWhole: false)
    }
}
