internal import Conversations
package import Model

/// `/bulkhead …`, answered to whoever typed it alone.
package enum SlashCommand: Hashable, Sendable {
    case help
    case approvals
    case status
    case tasks
    /// With the code, where one was typed: whose account it is.
    case link(String?)
    case unknown(String)

    package init(_ text: String) {
        let words = text.split { $0.isWhitespace }.map(String.init)
        switch (words.first?.lowercased(), words.count) {
        case (nil, _), ("help", 1): self = .help
        case ("approvals", 1): self = .approvals
        case ("status", 1): self = .status
        case ("tasks", 1): self = .tasks
        case ("link", 1): self = .link(nil)
        case ("link", 2): self = .link(words[1])
        default: self = .unknown(words.joined(separator: " "))
        }
    }
}

extension ThreadAnswers {
    /// For everything but ``SlashCommand/link(_:)``, which is for whoever keeps the accounts: `nil`.
    package func answer(_ command: SlashCommand, for person: PersonID) async throws -> String? {
        switch command {
        case .help:
            Self.help + "\n• `/bulkhead approvals` lists what waits for somebody’s word, `/bulkhead status` what I do"
        case .link: nil
        case .unknown(let text):
            "I do not know “\(String(text.prefix(80)))”. Try `/bulkhead help`, `status`, `tasks`, `approvals` or `link`."
        case .approvals: try await approvals(for: person)
        case .status: try await status(for: person)
        case .tasks: try await taskList(for: person)
        }
    }

    private func approvals(for person: PersonID) async throws -> String {
        let open = try await chat.approvals(for: person).map(\.view)
        guard !open.isEmpty else { return "Nothing waits for an answer." }
        let lines = open.prefix(20).map { view in
            let whose = view.isYours ? "yours to decide" : "to be decided by \(view.approvers)"
            return "• \(view.tool) (\(view.effect.rawValue)), asked by \(view.requester): \(whose)"
        }
        let rest = open.count > 20 ? ["… and \(open.count - 20) more"] : []
        return (["\(open.count == 1 ? "One question waits" : "\(open.count) questions wait"):"] + lines + rest)
            .joined(separator: "\n")
    }

    private func status(for person: PersonID) async throws -> String {
        let name = try await chat.person(person)
        let waiting = try await chat.approvals(for: person).count { $0.view.isYours }
        let running = try await chat.sessions(for: person).count { $0.requester == name.name && $0.ended == nil }
        return "You are \(name.name) (\(name.role.rawValue)). Conversations of yours that are open: \(running). "
            + "Approvals that wait for you: \(waiting)."
    }
}
