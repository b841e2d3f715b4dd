internal import Console
internal import Conversations
internal import Drill
internal import MCP
internal import Model
internal import Vault

/// The drill as the console offers it.
struct DrillDesk: DrillRunner {
    let drill: Drill

    var trials: [JSONObject] {
        Catalogue.trials().map {
            ["id": .string($0.id), "group": .string($0.group.rawValue), "title": .string($0.title)]
        }
    }

    func run(
        _ groups: [String], by person: PersonID, tell: @escaping @Sendable (JSONObject) async -> Void
    ) async throws {
        var wanted: Set<DrillGroup> = []
        for name in groups {
            guard let group = DrillGroup(rawValue: name) else {
                let known = DrillGroup.allCases.map(\.rawValue).joined(separator: ", ")
                throw ChatError(.invalid, "There is no group \(name.prefix(40)). There are: \(known).")
            }
            wanted.insert(group)
        }
        let report: DrillReport
        do {
            report = try await drill.run(wanted.isEmpty ? Set(DrillGroup.allCases) : wanted, by: person) { progress in
                switch progress {
                case .began(let group, let attempts):
                    await tell([
                        "began": [
                            "group": .string(group.rawValue), "title": .string(group.title),
                            "attempts": .int(Int64(attempts)),
                        ]
                    ])
                case .attempt(let attempt): await tell(["attempt": .object(attempt.json)])
                }
            }
        } catch let error as Drill.Busy {
            throw ChatError(.conflict, error.description)
        } catch  where !(error is CancellationError) {
            // An admin's own question about this machine: the reason is the answer.
            throw ChatError(.unavailable, "The drill was broken off, and proves nothing: \(error)")
        }
        await tell(["report": .object(report.json)])
    }
}

extension DrillDesk {
    /// What a daemon that died in a drill left. Tries until somebody answers for containers, then does nothing more until
    /// cancelled: the first of the daemon's tasks to end would end all.
    static func removeLeftovers(_ drill: Drill) async {
        while !Task.isCancelled {
            if (try? await drill.removeLeftovers()) != nil { break }
            try? await Task.sleep(for: .seconds(2))
        }
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    /// Every key and every secret that lives in this process.
    static func secrets(
        _ key: ModelKey, vault: Vault
    ) -> @Sendable () async throws -> [(name: String, value: [UInt8])] {
        {
            let own = try key.text().map { [(name: "the model provider's key", value: Array($0.utf8))] } ?? []
            return own + (try await vault.localValues())
        }
    }
}
